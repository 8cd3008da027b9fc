package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/codesuite-go/codesuite/examples/internal/command"
	"github.com/codesuite-go/codesuite/pipeline/definition"
)

// runDiff compares two structures: those of two operands, or that of a file with the
// pipeline of its name in the account.
func runDiff(s *session, ctx context.Context, inv *invocation) error {
	if len(inv.operands) == 2 && inv.operands[0] == "-" && inv.operands[1] == "-" {
		return usagef("diff: standard input is one of the two at most")
	}
	planned, err := s.one(ctx, inv, inv.operands[len(inv.operands)-1])
	if err != nil {
		return err
	}
	existing := inv.operands[0]
	if len(inv.operands) == 1 {
		if existing = planned.pipeline.Name; isFile(existing) || strings.Contains(existing, "${") {
			return usagef("diff: the file gives the pipeline no name: name the pipeline before it")
		}
	}
	old, err := s.one(ctx, inv, existing)
	if err != nil {
		return err
	}
	diffs, err := definition.Diff(old.pipeline, planned.pipeline)
	if err != nil {
		return err
	}
	colors := s.colors(inv, s.stdout)
	for _, d := range diffs {
		text := shown(d.String())
		if colors {
			text = paint(map[byte]string{'+': green, '-': red, '~': yellow}[text[0]], text)
		}
		if _, err := fmt.Fprintln(s.stdout, text); err != nil {
			return err
		}
	}
	if len(diffs) > 0 {
		return &statusError{command.ExitFailed}
	}
	return nil
}

// one returns the one pipeline that an operand names.
func (s *session) one(ctx context.Context, inv *invocation, operand string) (*structure, error) {
	structures, err := s.structures(ctx, inv, []string{operand})
	if err != nil {
		return nil, err
	}
	if len(structures) != 1 {
		return nil, fmt.Errorf("%s has %d pipelines: %s takes one", operand, len(structures), inv.verb.name)
	}
	return &structures[0], nil
}
