package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/codesuite-go/codesuite/examples/internal/command"
)

// lines runs the commands that standard input has, one in each line, with the
// pipelines of -local. The first that fails ends it, unless a user types them.
func (s *session) lines(ctx context.Context, o settings) error {
	typed := command.IsTerminal(s.stdin)
	for {
		if typed {
			fmt.Fprint(s.stderr, "pipeline> ")
		}
		line, err := s.input().line(ctx)
		if errors.Is(err, io.EOF) {
			if typed {
				fmt.Fprintln(s.stderr)
			}
			return nil
		}
		if err == nil {
			if line = strings.TrimSpace(line); typed && (line == "exit" || line == "quit") {
				return nil
			}
			err = s.runLine(ctx, o, line)
		}
		if err == nil {
			continue
		}
		if !typed || ctx.Err() != nil {
			return err
		}
		s.status(ctx, err)
	}
}

// runLine runs a line of the commands.
func (s *session) runLine(ctx context.Context, o settings, line string) error {
	args, err := words(line)
	if err != nil || len(args) == 0 {
		return err
	}
	inv, err := parseLine(o, args)
	if err != nil {
		return err
	}
	return inv.verb.run(s, ctx, inv)
}

// words splits a line as a shell does, with single and double quotes and with comments.
func words(line string) ([]string, error) {
	var list []string
	var word strings.Builder
	inWord := false
	var quote rune
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, inWord = r, true
		case r == '#' && !inWord:
			return list, nil
		case r == ' ' || r == '\t':
			if inWord {
				list = append(list, word.String())
				word.Reset()
				inWord = false
			}
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if quote != 0 {
		return nil, usagef("a quote is not closed: %s", shown(line))
	}
	if inWord {
		list = append(list, word.String())
	}
	return list, nil
}
