package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/codecommit/archive"
)

// maxExtra is the size of the largest file that -add-file takes: it is held in
// memory.
const maxExtra = 512 << 20

// addFile adds a file of this machine, with the prefix so far and its base name.
func (c *invocation) addFile(name string) error {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errors.New("it is not a regular file")
	case info.Size() > maxExtra:
		return fmt.Errorf("it has %d bytes, more than %d", info.Size(), maxExtra)
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	c.extra = append(c.extra, archive.File{
		Name: c.prefix + filepath.Base(name), Mode: info.Mode().Perm() & 0o100, Content: content, AtRoot: true,
	})
	return nil
}

// addVirtualFile adds a file "path:content". As for git, a path may be in double
// quotes, and no prefix counts.
func (c *invocation) addVirtualFile(text string) error {
	name, content, ok := strings.Cut(text, ":")
	if quoted, err := strconv.QuotedPrefix(text); err == nil && strings.HasPrefix(text, `"`) {
		if name, err = strconv.Unquote(quoted); err != nil {
			return err
		}
		content, ok = strings.CutPrefix(text[len(quoted):], ":")
	}
	if !ok {
		return errors.New("it lacks the colon of PATH:CONTENT")
	}
	if name == "" {
		return errors.New("it lacks the path of PATH:CONTENT")
	}
	c.extra = append(c.extra, archive.File{Name: name, Content: []byte(content), AtRoot: true})
	return nil
}

// parseTime parses a time in one of the forms that leave no doubt.
func parseTime(text string) (time.Time, error) {
	if seconds, ok := strings.CutPrefix(text, "@"); ok {
		seconds, _, _ = strings.Cut(seconds, " ") // of "@seconds +zone"
		n, err := strconv.ParseInt(seconds, 10, 64)
		if err == nil && n >= 0 {
			return time.Unix(n, 0), nil
		}
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errors.New(`it is no time such as 2025-03-01, "2025-03-01 12:30:00 +0100", 2025-03-01T11:30:00Z or @1740828600`)
}
