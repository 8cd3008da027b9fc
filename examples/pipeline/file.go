package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/codesuite-go/codesuite/examples/internal/cfnyaml"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
	"github.com/codesuite-go/codesuite/pipeline/definition"
)

// maxFile bounds the files that are read.
const maxFile = 4 << 20

// structure is a pipeline of a file.
type structure struct {
	file     string
	pipeline *definition.Pipeline
	resource *definition.Resource // of a template, nil for others
	region   string               // where it is, if it is known
}

// check returns the findings of the structure.
func (s *structure) check(types []actiontype.Type, region string) []definition.Finding {
	options := func(o *definition.CheckOptions) { o.Types, o.Region = types, region }
	if s.resource != nil {
		return s.resource.Check(options)
	}
	return s.pipeline.Check(options)
}

// fileError is a file that cannot be read as pipelines.
type fileError struct {
	file string
	err  error
}

func (e *fileError) Error() string {
	return fmt.Sprintf("%s: %s", e.file, strings.TrimPrefix(e.err.Error(), "definition: "))
}
func (e *fileError) Unwrap() error { return e.err }

// readStructures returns the pipelines of a file: one of the output of aws
// codepipeline get-pipeline and of a bare structure, and all of a template. Each may
// be JSON or YAML. The name "-" is standard input. Errors are a [fileError].
func readStructures(name string, stdin io.Reader, optFns ...func(*definition.TemplateOptions)) ([]structure, error) {
	data, err := readFile(name, stdin)
	if err == nil {
		var found []structure
		if found, err = parseStructures(name, data, optFns); err == nil {
			return found, nil
		}
	}
	return nil, &fileError{name, err}
}

func parseStructures(name string, data []byte, optFns []func(*definition.TemplateOptions)) ([]structure, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	converted := false
	if !isJSON(name, data) {
		text, err := cfnyaml.JSON(data)
		if err != nil {
			return nil, err
		}
		data, converted = text, true
	}
	found, err := parseJSON(name, data, optFns)
	var failure *definition.Error
	if converted && errors.As(err, &failure) { // its lines are not those of the file
		return nil, &definition.Error{Path: failure.Path, Err: failure.Err}
	}
	return found, err
}

// isJSON reports whether a text is meant as JSON rather than YAML.
func isJSON(name string, data []byte) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".json":
		return true
	case ".yaml", ".yml":
		return false
	}
	data = bytes.TrimLeft(data, " \t\r\n")
	return len(data) == 0 || data[0] == '{' || data[0] == '['
}

func parseJSON(name string, data []byte, optFns []func(*definition.TemplateOptions)) ([]structure, error) {
	document, err := definition.Parse(data)
	if err == nil {
		return []structure{{file: name, pipeline: &document.Pipeline}}, nil
	}
	if !errors.Is(err, definition.ErrTemplate) {
		return nil, err
	}
	resources, err := definition.ParseTemplate(data, optFns...)
	if err != nil {
		return nil, err
	}
	found := make([]structure, len(resources))
	for i := range resources {
		found[i] = structure{file: name, pipeline: &resources[i].Pipeline, resource: &resources[i]}
	}
	return found, nil
}

// readFile reads a file, or standard input for "-".
func readFile(name string, stdin io.Reader) ([]byte, error) {
	r := stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, plainPathError(err)
		}
		defer file.Close()
		r = file
	}
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, plainPathError(err)
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("the file has more than %d bytes, which no pipeline has", maxFile)
	}
	return data, nil
}

// plainPathError returns an error without the file's name, which is in front of it.
func plainPathError(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// readTypes returns the action types and rule types of a file, none for "".
func readTypes(name string) ([]actiontype.Type, error) {
	if name == "" {
		return nil, nil
	}
	data, err := readFile(name, strings.NewReader(""))
	if err != nil {
		return nil, fmt.Errorf("-types %s: %w", name, err)
	}
	types, err := actiontype.ParseList(data)
	if err != nil {
		return nil, fmt.Errorf("-types %s: %w", name, err)
	}
	return types, nil
}

// isFile reports whether an operand names a file rather than a pipeline of the
// account.
func isFile(operand string) bool {
	if operand == "-" || strings.ContainsAny(operand, `/\`) {
		return true
	}
	switch strings.ToLower(filepath.Ext(operand)) {
	case ".json", ".yaml", ".yml", ".template":
		return true
	}
	return false
}
