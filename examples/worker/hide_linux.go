package main

import (
	"log/slog"

	"golang.org/x/sys/unix"
)

// hideEnvironment keeps commands, which run as the same user, from reading the
// worker's environment and memory, and so its credentials.
func hideEnvironment(logger *slog.Logger) {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		logger.Warn("the environment of the worker is not hidden from commands", "error", err)
	}
}
