package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/customaction/ec2build"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// settings are what the environment says.
type settings struct {
	actionType   actiontype.Type
	stateMachine string
	options      func(*ec2build.Options)
}

// readSettings reads the variables, whose names its errors tell.
func readSettings(getenv func(string) string) (settings, error) {
	get := func(name string) string { return strings.TrimSpace(getenv(name)) }
	minutes := make(map[string]time.Duration)
	for _, name := range []string{"TIMEOUT_MINUTES", "START_TIMEOUT_MINUTES"} {
		if text := get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 {
				return settings{}, fmt.Errorf("%s is %q: set it to a number of minutes", name, text)
			}
			minutes[name] = time.Duration(n) * time.Minute
		}
	}
	wait := time.Duration(0)
	if text := get("CONTINUATION_WAIT"); text != "" {
		var err error
		if wait, err = time.ParseDuration(text); err != nil {
			return settings{}, fmt.Errorf("CONTINUATION_WAIT is %q: set it to a duration such as 10s", text)
		}
	}
	public := false
	if text := get("PUBLIC_IP"); text != "" {
		var err error
		if public, err = strconv.ParseBool(text); err != nil {
			return settings{}, fmt.Errorf("PUBLIC_IP is %q: set it to true or false", text)
		}
	}
	return settings{
		actionType:   actiontype.Type{Category: get("CATEGORY"), Provider: get("PROVIDER"), Version: get("VERSION")},
		stateMachine: get("STATE_MACHINE_ARN"),
		options: func(o *ec2build.Options) {
			o.Name, o.Account = get("NAME"), get("ACCOUNT")
			o.Documents = ec2build.Documents{
				Linux: get("LINUX_DOCUMENT"), Windows: get("WINDOWS_DOCUMENT"), WindowsDocker: get("WINDOWS_DOCKER_DOCUMENT"),
			}
			o.LogGroup = get("LOG_GROUP")
			o.LaunchTemplateID, o.LaunchTemplateVersion = get("LAUNCH_TEMPLATE_ID"), get("LAUNCH_TEMPLATE_VERSION")
			o.Network = ec2build.Network{
				SubnetIDs: list(get("SUBNET_IDS")), SecurityGroupIDs: list(get("SECURITY_GROUP_IDS")), NoPublicIP: !public,
			}
			o.VariablesBucket, o.VariablesPrefix = get("VARIABLES_BUCKET"), get("VARIABLES_PREFIX")
			o.Timeout, o.StartTimeout = minutes["TIMEOUT_MINUTES"], minutes["START_TIMEOUT_MINUTES"]
			o.Market = ec2build.Market(get("MARKET"))
			o.ContinuationWait = wait
		},
	}, nil
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
