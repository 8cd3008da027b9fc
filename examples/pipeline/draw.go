package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/codesuite-go/codesuite/pipeline/diagram"
)

// The formats of pictures.
const (
	formatSVG     = "svg"
	formatMermaid = "mermaid"
)

// runDraw draws a structure, or an execution with its states.
func runDraw(s *session, ctx context.Context, inv *invocation) error {
	format, err := pictureFormat(inv.format, inv.output)
	if err != nil {
		return err
	}
	operand := ""
	if len(inv.operands) > 0 {
		operand = inv.operands[0]
	} else if operand, err = s.name(inv); err != nil {
		return err
	}
	drawn, err := s.one(ctx, inv, operand)
	if err != nil {
		return err
	}
	options := func(o *diagram.Options) { o.Theme, o.Width = diagram.Theme(inv.theme), inv.width }
	if inv.id != "" || inv.last {
		if isFile(operand) {
			return usagef("draw: a file has no executions: name the pipeline")
		}
		if options, err = s.drawnExecution(ctx, inv, operand); err != nil {
			return err
		}
	}
	var picture []byte
	if format == formatMermaid {
		text, err := diagram.Mermaid(drawn.pipeline, options)
		if err != nil {
			return err
		}
		picture = []byte(text)
	} else if picture, err = diagram.SVG(drawn.pipeline, options); err != nil {
		return err
	}
	if inv.output == "" || inv.output == "-" {
		_, err = s.stdout.Write(picture)
		return err
	}
	if err := os.WriteFile(inv.output, picture, 0o666); err != nil {
		return fmt.Errorf("-o: %w", err)
	}
	return nil
}

// drawnExecution returns the options with an execution and the disabled transitions.
func (s *session) drawnExecution(ctx context.Context, inv *invocation, name string) (func(*diagram.Options), error) {
	client, err := s.client(ctx, inv)
	if err != nil {
		return nil, err
	}
	id, err := s.execution(ctx, client, inv, name)
	if err != nil {
		return nil, err
	}
	execution, err := client.Details(ctx, name, id)
	if err != nil {
		return nil, err
	}
	transitions, err := client.Transitions(ctx, name)
	if err != nil {
		return nil, err
	}
	disabled := make(map[string]string)
	for _, t := range transitions {
		if !t.Enabled {
			disabled[t.Stage] = t.Reason
		}
	}
	return func(o *diagram.Options) {
		o.Execution, o.Disabled = execution, disabled
		o.Theme, o.Width = diagram.Theme(inv.theme), inv.width
	}, nil
}

// pictureFormat returns the format: the one asked for, or that of the file's name, or
// SVG.
func pictureFormat(format, output string) (string, error) {
	switch format {
	case formatSVG, formatMermaid:
		return format, nil
	case "":
	default:
		return "", usagef("draw: -format %s: the formats are svg and mermaid", shown(format))
	}
	switch strings.ToLower(filepath.Ext(output)) {
	case ".mmd", ".mermaid", ".md":
		return formatMermaid, nil
	}
	return formatSVG, nil
}
