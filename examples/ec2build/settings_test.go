package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/customaction/ec2build"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	env := map[string]string{
		"NAME": "builds", "ACCOUNT": "111122223333", "CATEGORY": "Build", "PROVIDER": "EC2-Build", "VERSION": "1",
		"STATE_MACHINE_ARN": "arn:aws:states:us-east-1:111122223333:stateMachine:builds",
		"LINUX_DOCUMENT":    "linux", "WINDOWS_DOCUMENT": "windows", "WINDOWS_DOCKER_DOCUMENT": "docker", "LOG_GROUP": "/builds",
		"LAUNCH_TEMPLATE_ID": "lt-0123456789abcdef0", "LAUNCH_TEMPLATE_VERSION": "3",
		"SUBNET_IDS": "subnet-0123456789abcdef0, subnet-0123456789abcdef1", "SECURITY_GROUP_IDS": "", "PUBLIC_IP": "false",
		"VARIABLES_BUCKET": "results", "VARIABLES_PREFIX": "variables/AROAEXAMPLE:",
		"TIMEOUT_MINUTES": "90", "START_TIMEOUT_MINUTES": "25", "MARKET": "spot", "CONTINUATION_WAIT": "5s",
	}
	s, err := readSettings(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	var got ec2build.Options
	s.options(&got)
	want := ec2build.Options{
		Name: "builds", Account: "111122223333", LogGroup: "/builds",
		Documents:        ec2build.Documents{Linux: "linux", Windows: "windows", WindowsDocker: "docker"},
		LaunchTemplateID: "lt-0123456789abcdef0", LaunchTemplateVersion: "3",
		Network:         ec2build.Network{SubnetIDs: []string{"subnet-0123456789abcdef0", "subnet-0123456789abcdef1"}, NoPublicIP: true},
		VariablesBucket: "results", VariablesPrefix: "variables/AROAEXAMPLE:",
		Timeout: 90 * time.Minute, StartTimeout: 25 * time.Minute, Market: ec2build.MarketSpot, ContinuationWait: 5 * time.Second,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
	for name, value := range map[string]string{
		"TIMEOUT_MINUTES": "1h", "START_TIMEOUT_MINUTES": "0", "PUBLIC_IP": "maybe", "CONTINUATION_WAIT": "5",
	} {
		_, err := readSettings(func(asked string) string {
			if asked == name {
				return value
			}
			return env[asked]
		})
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s=%s: the error is %v", name, value, err)
		}
	}
}
