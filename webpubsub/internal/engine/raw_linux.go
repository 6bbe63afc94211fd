package engine

import (
	"syscall"
	"unsafe"
)

// The system calls of a loop never wait, so the scheduler need not know of them. Those for
// sockets alone take a shorter way through the kernel than read and write.

func rawRead(fd int, b []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), 0, 0, 0)
	return result(n, errno), errno
}

func rawWrite(fd int, b []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), syscall.MSG_NOSIGNAL, 0, 0)
	return result(n, errno), errno
}

// rawNotify adds one to an eventfd.
func rawNotify(fd int) {
	one := uint64(1)
	syscall.RawSyscall(syscall.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&one)), 8)
}

// rawWritev writes two buffers, of which none is empty.
func rawWritev(fd int, first, second []byte) (int, syscall.Errno) {
	list := [2]syscall.Iovec{{Base: &first[0]}, {Base: &second[0]}}
	list[0].SetLen(len(first))
	list[1].SetLen(len(second))
	n, _, errno := syscall.RawSyscall(syscall.SYS_WRITEV, uintptr(fd), uintptr(unsafe.Pointer(&list[0])), 2)
	return result(n, errno), errno
}

// rawEpoll returns how many events there are.
func rawEpoll(fd int, events []syscall.EpollEvent) int {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, uintptr(fd), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), 0, 0, 0)
	return result(n, errno)
}

func result(n uintptr, errno syscall.Errno) int {
	if errno != 0 {
		return 0
	}
	return int(n)
}
