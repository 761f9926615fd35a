/* SPDX-License-Identifier: ISC */
/*
 * Child processes: forking one with a control channel, the channel itself
 * (a SOCK_SEQPACKET pair: small messages, whole or not at all, each with at
 * most one fd), and how long to wait before the next start of one that dies.
 */
#ifndef IO_PROC_H
#define IO_PROC_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Forks.  In the parent: the pid, and its end of the channel.  In the child:
 * 0, and the other end; its signal mask is empty, and it ignores the signals
 * that are the parent's business even when a whole process group gets them
 * (HUP, INT, TERM, USR1, USR2), and PIPE.  Negative errno when it can't.
 */
pid_t proc_fork(int *ret_channel);
/* Sends without blocking; pass_fd may be -1, and stays the caller's. */
int proc_send(int channel, const void *message, size_t len, int pass_fd);
/*
 * Receives without blocking: 1 with a message of exactly len bytes and its
 * fd, owned, or -1; 0 at the end of the channel; negative errno (-EAGAIN:
 * nothing now; -EBADMSG: another length, or more than one fd).
 */
int proc_recv(int channel, void *ret_message, size_t len, int *ret_fd);

/*
 * In the child: it is killed when the parent ends, however that may be.  For
 * one that can't watch its channel; the user is to be changed before.  0, or
 * negative errno: -EPIPE when the parent has ended already.
 */
int proc_end_with(int channel);

/* Somebody to be, as the user database has them.  A plain value. */
struct proc_user {
	const char *name;	/* borrowed */
	uid_t uid;
	gid_t gid;
};
/* 0; or -1 when there is no such user. */
int proc_find_user(const char *name, struct proc_user *ret_user);
/* A group's number, the same way. */
int proc_find_group(const char *name, uint32_t *ret_gid);
/*
 * Becomes that user, its groups and nothing else, for good: no program that
 * it runs gets any capability.  0, or negative errno.
 */
int proc_become(const struct proc_user *user);
/*
 * For a root that wants to touch a file as that user would, until
 * proc_pretend_end: then it is root, without further groups.  NULL does
 * nothing.  0, or negative errno.
 */
int proc_pretend(const struct proc_user *user);
void proc_pretend_end(const struct proc_user *user);

/* Delay before a restart: 100 ms, doubled each time up to 10 s. */
struct proc_backoff {
	int64_t delay_ms;	/* 0: it never died, or lived long enough */
};
/* It died after that life; the delay before the next start. */
int64_t proc_backoff_next(struct proc_backoff *backoff, int64_t lived_ms);

#endif
