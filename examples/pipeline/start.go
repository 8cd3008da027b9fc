package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/codesuite-go/codesuite/pipeline"
)

// runStart starts an execution.
func runStart(s *session, ctx context.Context, inv *invocation) error {
	name, err := s.name(inv)
	if err != nil {
		return err
	}
	client, err := s.client(ctx, inv)
	if err != nil {
		return err
	}
	id, err := client.Start(ctx, name, func(o *pipeline.StartOptions) {
		o.Variables, o.Revisions, o.Token = inv.variables, inv.revisions, inv.token
	})
	if err != nil {
		return err
	}
	if s.local == nil {
		if url := pipeline.ConsoleURL(client.Region(), name, id); url != "" {
			fmt.Fprintf(s.stderr, "pipeline: %s\n", url)
		}
	}
	if inv.watch {
		return s.follow(ctx, client, inv, name, id)
	}
	_, err = fmt.Fprintln(s.stdout, id)
	return err
}

// addVariable reads NAME=VALUE.
func (o *options) addVariable(text string) error {
	name, value, ok := strings.Cut(text, "=")
	if !ok || name == "" {
		return fmt.Errorf("write NAME=VALUE")
	}
	o.variables = append(o.variables, pipeline.Variable{Name: name, Value: value})
	return nil
}

var (
	commitPattern = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)
	digestPattern = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
)

// addRevision reads ACTION=TYPE:VALUE, and ACTION=VALUE for a commit ID and for the
// digest of an image.
func (o *options) addRevision(text string) error {
	action, value, ok := strings.Cut(text, "=")
	if !ok || action == "" || value == "" {
		return fmt.Errorf("write ACTION=REVISION")
	}
	r := pipeline.SourceRevisionOverride{Action: action, Value: value}
	switch {
	case commitPattern.MatchString(value):
		r.Type = pipeline.RevisionCommitID
	case digestPattern.MatchString(value):
		r.Type = pipeline.RevisionImageDigest
	default:
		kind, rest, _ := strings.Cut(value, ":")
		r.Type, r.Value = pipeline.RevisionType(kind), rest
		switch r.Type {
		case pipeline.RevisionCommitID, pipeline.RevisionImageDigest, pipeline.RevisionS3ObjectVersion, pipeline.RevisionS3ObjectKey:
		default:
			return fmt.Errorf("the revision is neither a full commit ID nor sha256:DIGEST, and has none of COMMIT_ID:, IMAGE_DIGEST:, S3_OBJECT_VERSION_ID: and S3_OBJECT_KEY: before it")
		}
		if rest == "" {
			return fmt.Errorf("the revision is empty")
		}
	}
	o.revisions = append(o.revisions, r)
	return nil
}
