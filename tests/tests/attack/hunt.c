/* Hunts for whoever joins the container: stops it before it has executed the command, and tries each door. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* What was found, once each. */
static char hits[512];

static void hit(const char *door)
{
	if (!strstr(hits, door))
		snprintf(hits + strlen(hits), sizeof hits - strlen(hits), " %s", door);
}

static int open_in(pid_t pid, const char *name, int flags)
{
	char path[128];
	snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	return open(path, flags | O_NONBLOCK);
}

/* 1: it has executed the command. 0: its program is the runtime's. -1: that is not told. */
static int executed(pid_t pid)
{
	char path[64], target[256] = "";
	snprintf(path, sizeof path, "/proc/%d/exe", pid);
	if (readlink(path, target, sizeof target - 1) < 0)
		return -1;
	return !strstr(target, "containerception") && !strstr(target, "faulty");
}

/* A door that is open while the program is still the runtime's. */
static void door(pid_t pid, const char *name, int flags)
{
	int fd = open_in(pid, name, flags);
	if (fd >= 0 && executed(pid) == 0) {
		hit(name);
		/* Nobody has to wait until it is no longer executed, as for writing. */
		if (!strcmp(name, "exe") && flags == O_RDONLY)
			fchmod(fd, 0777);
	}
	if (fd >= 0)
		close(fd);
}

/* What only the caller on the host has. */
static void secrets(pid_t pid)
{
	char text[8192] = "";
	int fd = open_in(pid, "environ", O_RDONLY);
	ssize_t length = fd < 0 ? 0 : read(fd, text, sizeof text);
	if (length > 0 && memmem(text, length, "of-the-host", 11))
		hit("secret");
	close(fd);
	if ((fd = open_in(pid, "fd/7/marker", O_RDONLY)) >= 0)
		hit("descriptor");
	close(fd);
	if ((fd = open_in(pid, "cwd/marker", O_RDONLY)) >= 0)
		hit("directory");
	close(fd);
	int pidfd = syscall(SYS_pidfd_open, pid, 0);
	int taken = syscall(SYS_pidfd_getfd, pidfd, 7, 0);
	if (taken >= 0 && (fd = openat(taken, "marker", O_RDONLY)) >= 0)
		hit("taken");
	close(fd);
	close(taken);
	close(pidfd);
}

static void trace(pid_t pid)
{
	char byte;
	struct iovec here = {&byte, 1}, there = {(void *)0x400000, 1};
	if (process_vm_readv(pid, &here, 1, &there, 1, 0) == 1 && executed(pid) == 0)
		hit("memory");
	if (ptrace(PTRACE_ATTACH, pid, 0, 0))
		return;
	int status;
	waitpid(pid, &status, __WALL);
	if (executed(pid) == 0)
		hit("traced");
	ptrace(PTRACE_DETACH, pid, 0, 0);
}

static pid_t last_pid(void)
{
	char text[128] = "";
	int fd = open("/proc/loadavg", O_RDONLY);
	if (read(fd, text, sizeof text - 1) < 0)
		text[0] = 0;
	close(fd);
	char *last = strrchr(text, ' ');
	pid_t pid = 0;
	sscanf(last ? last : "0", "%d", &pid);
	return pid;
}

/* Until there is a file /tmp/stop. The next process is the next number, since nobody else forks here. */
int hunt(void)
{
	const char *doors[] = {"mem", "maps", "environ", "auxv", "root", "ns/mnt", "fd", "fdinfo", "map_files", "cwd"};
	pid_t pid = getpid() + 1;
	long caught = 0;
	printf("ready\n");
	while (access("/tmp/stop", F_OK)) {
		for (int i = 0; i < 2000 && kill(pid, SIGSTOP); i++)
			;
		if (kill(pid, 0)) {
			if (last_pid() >= pid)
				pid++;
			continue;
		}
		while (!kill(pid, SIGSTOP) && executed(pid) != 1) {
			caught += executed(pid) != 1;
			door(pid, "exe", O_RDONLY);
			door(pid, "exe", O_PATH);
			for (unsigned i = 0; i < sizeof doors / sizeof *doors; i++)
				door(pid, doors[i], O_RDONLY);
			secrets(pid);
			trace(pid);
			kill(pid, SIGCONT);
		}
		kill(pid, SIGCONT);
		for (int i = 0; i < 1000 && !kill(pid, 0); i++)
			usleep(1000);
		pid++;
	}
	printf("caught %s:%s\n", caught ? "some" : "none", hits);
	return 0;
}
