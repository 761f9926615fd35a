/* SPDX-License-Identifier: ISC */
/*
 * The clocks of a world, which stand still until they are told.
 */
#include "app/engine/engine_world.h"

static int64_t wall = NOON, ticks = NOON;

int64_t __wrap_clock_wall_us(void);
int64_t __wrap_clock_boot_us(void);

int64_t
__wrap_clock_wall_us(void)
{
	return wall;
}

int64_t
__wrap_clock_boot_us(void)
{
	return ticks;
}

int64_t
world_now(void)
{
	return wall;
}

void
world_pass(int64_t us)
{
	wall += us;
	ticks += us;
}

void
world_jump(int64_t us)
{
	wall += us;
}
