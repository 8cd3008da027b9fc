package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/codesuite-go/codesuite/pipeline/multibranch"
)

// settings are what the environment says.
type settings struct {
	options   func(*multibranch.Options)
	pathStyle bool // of S3
}

// readSettings reads the variables, whose names its errors tell.
func readSettings(getenv func(string) string) (settings, error) {
	var s settings
	flags := map[string]bool{"ADOPT": false, "COMMIT_INFO": false, "EVERY_PUSH": false, "AWS_S3_USE_PATH_STYLE": false}
	for name := range flags {
		value := strings.TrimSpace(getenv(name))
		if value == "" {
			continue
		}
		on, err := strconv.ParseBool(value)
		if err != nil {
			return s, fmt.Errorf("%s is %q: set it to true or false", name, value)
		}
		flags[name] = on
	}
	s.pathStyle = flags["AWS_S3_USE_PATH_STYLE"]
	s.options = func(o *multibranch.Options) {
		o.Model = multibranch.Model(strings.TrimSpace(getenv("MODEL")))
		o.Pipeline = strings.TrimSpace(getenv("PIPELINE"))
		o.Bucket = strings.TrimSpace(getenv("BUCKET"))
		o.Branches = list(getenv("BRANCHES"))
		o.Protected = list(getenv("PROTECTED"))
		o.Triggers = multibranch.Triggers(strings.TrimSpace(getenv("TRIGGERS")))
		o.UpdatesFunction = strings.TrimSpace(getenv("UPDATES_FUNCTION_ARN"))
		o.Account = strings.TrimSpace(getenv("ACCOUNT"))
		o.TriggerPrefix = strings.TrimSpace(getenv("TRIGGER_PREFIX"))
		o.CustomData = true
		o.Adopt = flags["ADOPT"]
		o.CommitInfo = flags["COMMIT_INFO"]
		o.EveryPush = flags["EVERY_PUSH"]
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
