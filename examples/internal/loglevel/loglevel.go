// Package loglevel reads the variable LOG_LEVEL of Lambda functions.
package loglevel

import (
	"fmt"
	"log/slog"
	"strings"
)

var levels = map[string]slog.Level{
	"": slog.LevelInfo, "debug": slog.LevelDebug, "info": slog.LevelInfo, "warning": slog.LevelWarn,
	"error": slog.LevelError, "critical": slog.LevelError,
}

// Parse returns the level of the value, in upper or lower case. The level of "" is
// info.
func Parse(value string) (slog.Level, error) {
	level, ok := levels[strings.ToLower(value)]
	if !ok {
		return 0, fmt.Errorf("LOG_LEVEL is %q: set it to debug, info, warning, error or critical", value)
	}
	return level, nil
}
