/* System calls as an attacker makes them: no library in between, any number, any entry. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* hunt: in hunt.c. */
int hunt(void);

static int told(long result)
{
	if (result < 0)
		printf("%s\n", strerrorname_np(errno));
	else
		printf("done\n");
	return 0;
}

/* call NUMBER [ARGUMENT]... : a system call of this machine's own table, or of x32's. */
static int call(char **words, int count)
{
	long numbers[7] = {0};
	for (int i = 0; i < count && i < 7; i++)
		numbers[i] = strtoul(words[i], NULL, 0);
	return told(syscall(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6]));
}

/* foreign: getpid by the entry of another architecture. */
static int foreign(void)
{
#if defined(__x86_64__)
	long result = 20;
	__asm__ volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
	printf("int80 %ld\n", result);
	return 0;
#else
	printf("none\n");
	return 3;
#endif
}

/* trace PID: attach by each of the ways of ptrace, read its memory, take its descriptors. */
static int trace(pid_t pid)
{
	char byte;
	struct iovec here = {&byte, 1}, there = {(void *)call, 1};
	told(ptrace(PTRACE_ATTACH, pid, 0, 0));
	told(ptrace(PTRACE_SEIZE, pid, 0, 0));
	told(process_vm_readv(pid, &here, 1, &there, 1, 0));
	told(process_vm_writev(pid, &here, 1, &there, 1, 0));
	int pidfd = syscall(SYS_pidfd_open, pid, 0);
	for (int fd = 0; fd < 20; fd++)
		if (syscall(SYS_pidfd_getfd, pidfd, fd, 0) >= 0)
			printf("took descriptor %d\n", fd);
	return 0;
}

/* climb PATH: the way out of a chroot: keep a directory open, chroot away from it, and walk up. */
static int climb(const char *path)
{
	int here = open("/", O_RDONLY | O_DIRECTORY);
	if (mkdir("/tmp/away", 0700) || chroot("/tmp/away") || fchdir(here))
		return told(-1);
	for (int i = 0; i < 64; i++)
		if (chdir(".."))
			return told(-1);
	if (chroot("."))
		return told(-1);
	int found = open(path, O_RDONLY);
	return told(found);
}

/* push PATH: types into a terminal, with and without bits that the kernel drops. */
static int push(const char *path)
{
	int terminal = open(path, O_RDWR | O_NOCTTY);
	char key = 'x', linux_request = 6;
	unsigned long upper[] = {0, 1UL << 32, 1UL << 63, 0xffffffffUL << 32};
	for (int i = 0; i < 4; i++) {
		told(syscall(SYS_ioctl, terminal, upper[i] | TIOCSTI, &key));
		told(syscall(SYS_ioctl, terminal, upper[i] | 0x541c /* TIOCLINUX */, &linux_request));
	}
	return 0;
}

int main(int count, char **words)
{
	setbuf(stdout, NULL);
	if (count > 2 && !strcmp(words[1], "call"))
		return call(words + 2, count - 2);
	if (count == 2 && !strcmp(words[1], "foreign"))
		return foreign();
	if (count == 3 && !strcmp(words[1], "trace"))
		return trace(atoi(words[2]));
	if (count == 3 && !strcmp(words[1], "climb"))
		return climb(words[2]);
	if (count == 3 && !strcmp(words[1], "push"))
		return push(words[2]);
	if (count == 2 && !strcmp(words[1], "hunt"))
		return hunt();
	if (count == 2 && !strcmp(words[1], "ids"))
		return printf("%d %d\n", geteuid(), getegid()) < 0;
	return 2;
}
