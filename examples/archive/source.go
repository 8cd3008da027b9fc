package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/logging"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/examples/internal/command"
)

// open returns the repository, the configuration that leads to it, and what ends
// its use.
func (c *invocation) open(ctx context.Context, stderr io.Writer) (repo *codecommit.Repository, cfg aws.Config, stop func(), err error) {
	if c.local != "" {
		return c.serve()
	}
	if cfg, err = command.Config(ctx, c.region, c.profile, c.sdkLogger(stderr)); err != nil {
		return nil, cfg, nil, err
	}
	c.region = cfg.Region
	return codecommit.Open(cfg, c.repo), cfg, func() {}, nil
}

// serve serves the repository on this machine and returns it as seen through
// the API.
func (c *invocation) serve() (*codecommit.Repository, aws.Config, func(), error) {
	name := repositoryName(c.local)
	server, err := codecommittest.Start(codecommittest.Git(name, c.local))
	if err != nil {
		// What it wraps names no repository, which is nothing of the user's.
		return nil, aws.Config{}, nil, fmt.Errorf("-local %s: %w", c.local, cmp.Or(errors.Unwrap(err), err))
	}
	return codecommit.Open(server.Config(), name), server.Config(), server.Close, nil
}

// sdkLogger returns where the SDK logs what it finds odd.
func (c *invocation) sdkLogger(stderr io.Writer) logging.Logger {
	if c.verbose {
		return logging.NewStandardLogger(stderr)
	}
	return logging.Nop{}
}

// repositoryName returns the name of a folder, as far as a repository of
// CodeCommit may have it.
func repositoryName(dir string) string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		abs = dir
	}
	name := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '.', r == '_', r == '-':
			return r
		}
		return '-'
	}, filepath.Base(abs))
	name = strings.TrimSuffix(name[:min(len(name), 100)], ".git")
	if name == "" {
		return "local"
	}
	return name
}
