/* SPDX-License-Identifier: ISC */
/*
 * By the kernel's own calls: for three of them no library is needed.
 */
#include "io/capability.h"

#include <sys/prctl.h>
#include <sys/syscall.h>

#include <errno.h>
#include <unistd.h>

#include <linux/capability.h>

enum { HALF = 32 };

int
capability_bound(uint64_t set)
{
	/* The kernel may know more than the headers do: it tells the end. */
	for (int number = 0; number < 2 * HALF; number++) {
		if (prctl(PR_CAPBSET_READ, number, 0, 0, 0) < 0)
			break;
		if ((set & CAPABILITY(number)) == 0 &&
		    prctl(PR_CAPBSET_DROP, number, 0, 0, 0) < 0)
			return -errno;
	}
	return 0;
}

int
capability_limit(uint64_t set)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	/* Unknown to kernels before 4.3, which have none to clear. */
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(SYS_capget, &head, data) < 0)
		return -errno;
	for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		data[i].permitted &= (uint32_t)(set >> (HALF * i));
		data[i].effective &= (uint32_t)(set >> (HALF * i));
		data[i].inheritable = 0;
	}
	return syscall(SYS_capset, &head, data) < 0 ? -errno : 0;
}
