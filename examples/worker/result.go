//go:build unix

package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/codesuite-go/codesuite/pipeline/action"
)

// maxResultFile is the number of bytes that a file with the result may have.
// CodePipeline takes less of each.
const maxResultFile = 1 << 20

// file returns the path of a file that the command may write.
func (ws *workspace) file(name string) string { return filepath.Join(ws.control, name) }

// result returns what the command has written about its result.
func (ws *workspace) result() (*action.Result, error) {
	summary, err := ws.readFile(summaryFile)
	if err != nil {
		return nil, err
	}
	variables, err := ws.readFile(variablesFile)
	if err != nil {
		return nil, err
	}
	token, err := ws.readFile(continuationFile)
	if err != nil {
		return nil, err
	}
	result := &action.Result{
		Summary:           strings.TrimSpace(string(summary)),
		ContinuationToken: strings.TrimSpace(string(token)),
	}
	if result.OutputVariables, err = parseVariables(variables); err != nil {
		return nil, fmt.Errorf("the output variables in $%s: %w", variablePrefix+"VARIABLES", err)
	}
	return result, nil
}

// readFile returns what is in a file of the result, nothing if it is not
// there.
func (ws *workspace) readFile(name string) ([]byte, error) {
	root, err := os.OpenRoot(ws.control)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	before, err := root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	file, err := openRegular(root, name)
	if errors.Is(err, errNotRegular) {
		return nil, fmt.Errorf("the file of the %s is no regular file", name)
	}
	if err != nil {
		return nil, fmt.Errorf("the file of the %s: %w", name, err)
	}
	defer file.Close()
	opened, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("the file of the %s: %w", name, err)
	}
	if !os.SameFile(before, opened) { // by a link
		return nil, fmt.Errorf("the file of the %s is no regular file", name)
	}
	data, err := io.ReadAll(io.LimitReader(file, maxResultFile+1))
	if err == nil && len(data) > maxResultFile {
		err = fmt.Errorf("the file of the %s has over %d bytes", name, maxResultFile)
	}
	return data, err
}

var errNotRegular = errors.New("it is no regular file")

// openRegular opens a regular file of a command, which may replace it at any
// time. It does not wait: a pipe without a writer would never open.
func openRegular(root *os.Root, name string) (*os.File, error) {
	file, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		file.Close()
		return nil, &fs.PathError{Op: "open", Path: name, Err: cmp.Or(err, errNotRegular)}
	}
	return file, nil
}

// parseVariables reads lines of the form NAME=value. Empty lines do not count,
// and of a name that is there twice the last counts.
func parseVariables(data []byte) (map[string]string, error) {
	var variables map[string]string
	number := 0
	for line := range bytes.Lines(data) {
		number++
		text := strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r")
		if strings.TrimSpace(text) == "" {
			continue
		}
		name, value, found := strings.Cut(text, "=")
		if !found || name == "" {
			return nil, fmt.Errorf("line %d is not of the form NAME=value", number)
		}
		if variables == nil {
			variables = make(map[string]string)
		}
		variables[name] = value
	}
	return variables, nil
}
