package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/codesuite-go/codesuite/examples/internal/cfnyaml"
	"github.com/codesuite-go/codesuite/examples/internal/command"
	"github.com/codesuite-go/codesuite/pipeline/definition"
)

// report is a finding in a file.
type report struct {
	File     string              `json:"file"`
	Pipeline string              `json:"pipeline,omitempty"`
	Line     int                 `json:"line,omitempty"`
	Column   int                 `json:"column,omitempty"`
	Path     string              `json:"path"`
	Severity definition.Severity `json:"severity"`
	Message  string              `json:"message"`
}

// String returns FILE: PATH: SEVERITY: MESSAGE, with line and column behind the file
// if they are known.
func (r report) String() string {
	text := shown(r.File)
	for _, n := range []int{r.Line, r.Column} {
		if n > 0 {
			text += fmt.Sprintf(":%d", n)
		}
	}
	if r.Path != "" {
		text += ": " + shown(r.Path)
	}
	return fmt.Sprintf("%s: %s: %s", text, r.Severity, shown(r.Message))
}

// runCheck checks the pipelines of files.
func runCheck(s *session, ctx context.Context, inv *invocation) error {
	reports := []report{}
	for _, file := range inv.operands {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		reports = append(reports, s.checkFile(file, inv.region)...)
	}
	if err := printReports(s.stdout, reports, inv.json); err != nil {
		return err
	}
	if slices.ContainsFunc(reports, func(r report) bool { return inv.strict || r.Severity == definition.SeverityError }) {
		return &statusError{command.ExitFailed}
	}
	return nil
}

// checkFile returns the findings in a file.
func (s *session) checkFile(file, region string) []report {
	structures, err := readStructures(file, s.stdin)
	if err != nil {
		return []report{unreadable(file, err)}
	}
	if len(structures) == 0 {
		return []report{{File: file, Severity: definition.SeverityWarning, Message: "the template has no AWS::CodePipeline::Pipeline"}}
	}
	return s.check(structures, region)
}

// maxFindings bounds what is told about a pipeline.
const maxFindings = 1000

// worst returns the severity of the worst finding.
func worst(findings []definition.Finding) definition.Severity {
	if definition.HasErrors(findings) {
		return definition.SeverityError
	}
	return definition.SeverityWarning
}

// check returns the findings in structures.
func (s *session) check(structures []structure, region string) []report {
	var reports []report
	for i := range structures {
		name := structures[i].pipeline.Name
		findings := structures[i].check(s.types, region)
		for n, f := range findings {
			if n == maxFindings {
				reports = append(reports, report{
					File: structures[i].file, Pipeline: name, Severity: worst(findings[n:]),
					Message: fmt.Sprintf("%d more findings are left out", len(findings)-n),
				})
				break
			}
			reports = append(reports, report{
				File: structures[i].file, Pipeline: name, Path: f.Path, Severity: f.Severity, Message: f.Message,
			})
		}
	}
	return reports
}

// unreadable returns the finding of a file that cannot be read.
func unreadable(file string, err error) report {
	r := report{File: file, Severity: definition.SeverityError}
	if e, ok := err.(*fileError); ok {
		err = e.err
	}
	r.Message = err.Error()
	var failure *definition.Error
	if errors.As(err, &failure) {
		r.Path, r.Line, r.Column, r.Message = failure.Path, failure.Line, failure.Column, failure.Err.Error()
	}
	var fault *cfnyaml.Error
	if errors.As(err, &fault) {
		r.Line, r.Message = fault.Line, fault.Err.Error()
	}
	return r
}

func printReports(w io.Writer, reports []report, asJSON bool) error {
	if asJSON {
		return printJSON(w, reports)
	}
	var text bytes.Buffer
	for _, r := range reports {
		fmt.Fprintln(&text, r)
	}
	_, err := w.Write(text.Bytes())
	return err
}

func printJSON(w io.Writer, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", escapeControls(text))
	return err
}

// escapeControls escapes the control characters that JSON may have as they are, DEL
// and the range of C1: some terminals obey them.
func escapeControls(text []byte) []byte {
	var out bytes.Buffer
	for _, r := range string(text) {
		if r >= 0x7f && r <= 0x9f {
			fmt.Fprintf(&out, `\u%04x`, r)
		} else {
			out.WriteRune(r)
		}
	}
	return out.Bytes()
}
