package main

import (
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"

	"github.com/codesuite-go/codesuite/codecommit/ci"
	"github.com/codesuite-go/codesuite/examples/internal/loglevel"
)

// settings are what the environment says.
type settings struct {
	flows   []ci.Flow
	options func(*ci.Options)
	level   slog.Level
	topic   string // ARN; "" is none
}

// readSettings reads the variables, whose names its errors tell.
func readSettings(getenv func(string) string, readFile func(string) ([]byte, error)) (settings, error) {
	get := func(name string) string { return strings.TrimSpace(getenv(name)) }
	s := settings{topic: get("REPORT_TOPIC_ARN")}
	var err error
	if s.level, err = loglevel.Parse(get("LOG_LEVEL")); err != nil {
		return s, err
	}
	if s.topic != "" && !strings.HasPrefix(s.topic, "arn:") {
		return s, fmt.Errorf("REPORT_TOPIC_ARN is %q: set it to the ARN of an SNS topic", s.topic)
	}
	numbers := map[string]int{"LOG_LINES": 0, "FAILED_TESTS": 0}
	for name := range numbers {
		value := get(name)
		if value == "" {
			continue
		}
		n, err := strconv.Atoi(value)
		if err != nil {
			return s, fmt.Errorf("%s is %q: set it to a number, or to -1 for none", name, value)
		}
		numbers[name] = n
	}
	text, file := []byte(get("FLOWS")), get("FLOWS_FILE")
	source := "FLOWS"
	switch {
	case len(text) > 0 && file != "":
		return s, errors.New("FLOWS and FLOWS_FILE are both set: set one of them")
	case len(text) == 0 && file == "":
		return s, errors.New("neither FLOWS nor FLOWS_FILE is set: set FLOWS to a JSON list of flows, or FLOWS_FILE to a file with it")
	case file != "":
		if text, err = readFile(file); err != nil {
			return s, fmt.Errorf("FLOWS_FILE: %w", err)
		}
		source = "FLOWS_FILE " + file
	}
	if s.flows, err = ci.ParseFlows(text); err != nil {
		return s, fmt.Errorf("%s: %w", source, err)
	}
	s.options = func(o *ci.Options) {
		o.Account = get("ACCOUNT")
		o.CommandAuthors = list(get("COMMAND_AUTHORS"))
		o.LogLines, o.FailedTests = numbers["LOG_LINES"], numbers["FAILED_TESTS"]
	}
	return s, nil
}

// list splits at commas.
func list(text string) (parts []string) {
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}
