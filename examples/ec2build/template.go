package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/codesuite-go/codesuite/customaction/ec2build"
)

// printInto replaces what is between the marks of a template, which are comments:
// "# begin NAME" and "# end NAME", with the indentation of the text.
func printInto(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	printed, err := printed(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, []byte(printed), 0o644) //nolint:gosec // a file of the repository
}

// printed returns the template with the newest state machine and documents.
func printed(template string) (string, error) {
	for _, part := range []struct {
		name string
		text func() ([]byte, error)
	}{
		{"definition", func() ([]byte, error) { return ec2build.Definition("${AWS::Partition}") }},
		{"Linux", func() ([]byte, error) { return ec2build.Document(ec2build.PlatformLinux, false) }},
		{"Windows", func() ([]byte, error) { return ec2build.Document(ec2build.PlatformWindows, false) }},
		{"WindowsDocker", func() ([]byte, error) { return ec2build.Document(ec2build.PlatformWindows, true) }},
	} {
		text, err := part.text()
		if err != nil {
			return "", err
		}
		begin, end := "# begin "+part.name+"\n", "# end "+part.name+"\n"
		head, rest, ok := strings.Cut(template, begin)
		_, tail, ok2 := strings.Cut(rest, end)
		if !ok || !ok2 {
			return "", fmt.Errorf("the marks %q and %q are not there", strings.TrimSpace(begin), strings.TrimSpace(end))
		}
		indent := head[strings.LastIndexByte(head, '\n')+1:]
		var b strings.Builder
		b.WriteString(head + begin)
		if part.name == "definition" {
			b.WriteString(indent + "DefinitionString: !Sub |\n")
		} else {
			b.WriteString(indent + "Content:\n")
		}
		for line := range strings.Lines(strings.TrimSuffix(string(text), "\n") + "\n") {
			b.WriteString(indent + "  " + line)
		}
		b.WriteString(indent + end + tail)
		template = b.String()
	}
	return template, nil
}
