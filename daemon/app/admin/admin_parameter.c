/* SPDX-License-Identifier: ISC */
/*
 * A parameter, or a refusal.
 */
#include "app/admin/admin_parameter.h"

#include "core/address.h"
#include "core/config.h"

char *
admin_parameter_address(struct admin_call *call)
{
	char *text = admin_call_get(call, "address");
	struct address address;

	if (text[0] == '\0')
		admin_call_refuse(call, 400, "missing_email",
		    "which address? (address=…)");
	else if (address_parse(slice_str(text), &address) != ADDRESS_OK)
		admin_call_refuse(call, 400, "invalid_email",
		    "that is not an email address");
	else
		return text;
	return NULL;
}

char *
admin_parameter_list(struct admin_call *call)
{
	char *text = admin_call_get(call, "list");
	const struct config_list *list;

	if (text[0] == '\0')
		return text;
	list = config_list_find(call->admin->config, slice_str(text));
	if (list != NULL)
		return list->name;
	admin_call_refuse(call, 400, "unknown_list",
	    "there is no such list");
	return NULL;
}

bool
admin_parameter_flag(struct admin_call *call, const char *name)
{
	const char *value = admin_call_get(call, name);

	return value[0] != '\0' && strcmp(value, "0") != 0;
}
