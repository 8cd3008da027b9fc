package main

import (
	"context"
	"fmt"

	"github.com/codesuite-go/codesuite/examples/internal/command"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// runCatalogue compares the catalogue of action types with an account, or with the
// listing that -types names.
func runCatalogue(s *session, ctx context.Context, inv *invocation) error {
	types := s.types
	if inv.types == "" {
		api, err := s.api(ctx, inv)
		if err != nil {
			return err
		}
		for t, err := range actiontype.List(ctx, api, "") {
			if err != nil {
				return err
			}
			types = append(types, t)
		}
		for t, err := range actiontype.ListRules(ctx, api) {
			if err != nil {
				return err
			}
			types = append(types, t)
		}
	}
	diffs := actiontype.CompareCatalogue(types)
	for _, d := range diffs {
		if _, err := fmt.Fprintln(s.stdout, shown(d.String())); err != nil {
			return err
		}
	}
	fmt.Fprintf(s.stderr, "pipeline: the catalogue of %s and the %d types differ in %d things\n", actiontype.CatalogueDate, len(types), len(diffs))
	if inv.strict && len(diffs) > 0 {
		return &statusError{command.ExitFailed}
	}
	return nil
}
