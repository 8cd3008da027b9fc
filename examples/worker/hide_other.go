//go:build unix && !linux

package main

import "log/slog"

// hideEnvironment does nothing: other systems than Linux do not show the
// memory of a process to others of its user, but may show its environment.
func hideEnvironment(*slog.Logger) {}
