package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/examples/internal/command"
)

const (
	formatZip   = "zip"
	formatTar   = "tar"
	formatTarGz = "tar.gz"
)

// chooseFormat returns the format: the one asked for, or else that of the name
// of the output, or else tar.
func chooseFormat(format, output string) (string, error) {
	switch format {
	case formatZip, formatTar, formatTarGz:
		return format, nil
	case "tgz":
		return formatTarGz, nil
	case "":
	default:
		return "", usagef("-format %s: the formats are zip, tar and tar.gz", format)
	}
	name := strings.ToLower(filepath.Base(output))
	switch {
	case output == "":
		return formatTar, nil
	case strings.HasSuffix(name, ".zip"):
		return formatZip, nil
	case strings.HasSuffix(name, ".tar"):
		return formatTar, nil
	case strings.HasSuffix(name, ".tar.gz"), strings.HasSuffix(name, ".tgz"):
		return formatTarGz, nil
	}
	return "", usagef("-o %s: the name ends in none of .zip, .tar, .tar.gz and .tgz: choose with -format", output)
}

// describe describes the archive in the command's format.
func (c *invocation) describe(a *archive.Archiver) *archive.Archive {
	switch c.format {
	case formatZip:
		return a.Zip(c.reference)
	case formatTarGz:
		return a.TarGz(c.reference)
	default:
		return a.Tar(c.reference)
	}
}

// destination is where the archive goes: a file that is complete or not there,
// or a stream.
type destination struct {
	path   string
	stream io.Writer
	opened *os.File // to be closed
}

func (c *invocation) destination(stdout io.Writer) (*destination, error) {
	if c.output == "" {
		if command.IsTerminal(stdout) {
			return nil, usagef("standard output is a terminal: name a file with -o, or redirect the output")
		}
		return &destination{stream: stdout}, nil
	}
	info, err := os.Stat(c.output)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if dir, err := os.Stat(filepath.Dir(c.output)); err != nil || !dir.IsDir() {
			return nil, fmt.Errorf("-o %s: there is no folder %s", c.output, filepath.Dir(c.output))
		}
		return &destination{path: c.output}, nil
	case err != nil:
		return nil, fmt.Errorf("-o: %w", err)
	case info.IsDir():
		return nil, usagef("-o %s is a folder: name a file in it", c.output)
	case info.Mode().IsRegular():
		return &destination{path: c.output}, nil
	}
	// A pipe or a device.
	file, err := os.OpenFile(c.output, os.O_WRONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("-o: %w", err)
	}
	if command.IsTerminal(file) {
		file.Close()
		return nil, usagef("-o %s is a terminal: name a file", c.output)
	}
	return &destination{stream: file, opened: file}, nil
}

func (d *destination) write(ctx context.Context, ar *archive.Archive) (*archive.Info, error) {
	if d.stream == nil {
		return ar.Save(ctx, d.path)
	}
	// A reader that does not read, such as a pager, blocks the archive where
	// no context reaches it. It is left there: the program ends.
	type result struct {
		info *archive.Info
		err  error
	}
	done := make(chan result, 1)
	go func() {
		info, err := ar.Write(ctx, d.stream)
		done <- result{info, err}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return nil, r.err
		}
		return r.info, d.close()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (d *destination) close() error {
	file := d.opened
	if file == nil {
		return nil
	}
	d.opened = nil
	return file.Close()
}

// unfinished tells what an interrupted command leaves.
func (c *invocation) unfinished() string {
	if c.output == "" {
		return "the output is not complete"
	}
	return c.output + " is not written"
}
