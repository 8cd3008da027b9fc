package ec2build

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/pipeline/action"
)

// configuration is what an action says about its build.
type configuration struct {
	image     string // ID of an AMI, or the name of a parameter
	types     []string
	command   string
	directory string
	outputs   []output
	timeout   time.Duration // 0 for the default
	market    Market        // "" for the default
	volume    int           // GiB, 0 for that of the image
	docker    bool
}

var (
	amiPattern   = regexp.MustCompile(`^ami-[0-9a-f]{8,17}$`)
	aliasPattern = regexp.MustCompile(`^[a-zA-Z0-9_.\-/]+(:[a-zA-Z0-9_.\-]+)?$`)
)

// parse reads the configuration of an action. The error names everything that is
// wrong.
func parse(values map[string]string, outputs []action.Artifact) (configuration, error) {
	var errs []error
	wrong := func(key, format string, args ...any) {
		errs = append(errs, fmt.Errorf("configuration %s: "+format, append([]any{key}, args...)...))
	}
	text := func(key string) string { return strings.TrimSpace(values[key]) }
	c := configuration{
		image:     strings.TrimPrefix(text(keyImageID), "resolve:ssm:"),
		command:   values[keyCommand],
		directory: values[keyWorkingDirectory],
		market:    Market(strings.ToLower(text(keyMarket))),
	}
	if !amiPattern.MatchString(c.image) && !aliasPattern.MatchString(c.image) || strings.HasPrefix(c.image, "ami-") && !amiPattern.MatchString(c.image) {
		wrong(keyImageID, "%q is neither the ID of an AMI, such as ami-0123456789abcdef0, nor the name of a parameter of Systems Manager", c.image)
	}
	for name := range strings.SplitSeq(text(keyInstanceType), ",") {
		if name = strings.TrimSpace(name); !typePattern.MatchString(name) {
			wrong(keyInstanceType, "%q is no instance type, such as c7i.large", name)
		}
		c.types = append(c.types, name)
	}
	if strings.TrimSpace(c.command) == "" {
		wrong(keyCommand, "there is no command")
	}
	for _, key := range []string{keyCommand, keyWorkingDirectory, keyOutputArtifactPath} {
		if strings.ContainsRune(values[key], 0) {
			wrong(key, "it has a zero character")
		}
	}
	if s := text(keyTimeoutMinutes); s != "" {
		minutes, err := strconv.Atoi(s)
		if limit := maxTimeout / 60; err != nil || minutes < 1 || minutes > limit {
			wrong(keyTimeoutMinutes, "%q is no number of minutes from 1 to %d", s, limit)
		}
		c.timeout = time.Duration(minutes) * time.Minute
	}
	if _, ok := markets[c.market]; c.market != "" && !ok {
		wrong(keyMarket, "%w", errMarket(c.market))
	}
	if s := text(keyVolumeSize); s != "" {
		size, err := strconv.Atoi(s)
		if err != nil || size < 1 || size > 16384 {
			wrong(keyVolumeSize, "%q is no number of GiB from 1 to 16384", s)
		}
		c.volume = size
	}
	switch s := strings.ToLower(text(keyDocker)); s {
	case "", "false":
	case "true":
		c.docker = true
	default:
		wrong(keyDocker, "%q is neither true nor false", s)
	}
	var err error
	if c.outputs, err = parseOutputs(values[keyOutputArtifactPath], outputs); err != nil {
		wrong(keyOutputArtifactPath, "%w", err)
	}
	return c, errors.Join(errs...)
}

// parseOutputs says which path each output artifact holds. One path without a name
// is that of the only artifact; for several artifacts there is a line "name=path"
// for each.
func parseOutputs(value string, artifacts []action.Artifact) ([]output, error) {
	value = strings.Trim(strings.ReplaceAll(value, "\r\n", "\n"), "\n")
	paths := make(map[string]string)
	names := make(map[string]bool)
	for _, a := range artifacts {
		names[a.Name] = true
	}
	for line := range strings.SplitSeq(value, "\n") {
		name, file, ok := strings.Cut(line, "=")
		switch {
		case line == "":
			continue
		case ok && names[strings.TrimSpace(name)]:
			name = strings.TrimSpace(name)
		case len(artifacts) == 1:
			name, file = artifacts[0].Name, line
		case len(artifacts) == 0:
			return nil, fmt.Errorf("%q is the path of an output artifact, and the action has none: add an output artifact or remove the path", line)
		default:
			return nil, fmt.Errorf("%q is not artifact=path with the name of an output artifact of the action", line)
		}
		if _, twice := paths[name]; twice {
			return nil, fmt.Errorf("the artifact %s has two paths", name)
		}
		paths[name] = file
	}
	var outputs []output
	for _, a := range artifacts {
		file, ok := paths[a.Name]
		if !ok {
			return nil, fmt.Errorf("the output artifact %s has no path: name the file or folder that it holds", a.Name)
		}
		if slashed := strings.ReplaceAll(file, `\`, "/"); slashed == ".." || strings.HasPrefix(path.Clean(slashed), "../") {
			return nil, fmt.Errorf("the path %q of the output artifact %s is outside of the working directory", file, a.Name)
		}
		outputs = append(outputs, output{a, file})
	}
	return outputs, nil
}
