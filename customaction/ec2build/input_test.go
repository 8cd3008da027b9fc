package ec2build_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/customaction/ec2build"
)

// input returns an input without a fault.
func input() *ec2build.Input {
	return &ec2build.Input{
		JobID:               "5f3a9c1e-0b7d-4e21-9c55-aa10c4de7701",
		Pipeline:            "drivers",
		PipelineARN:         "arn:aws:codepipeline:eu-central-1:123456789012:drivers",
		PipelineExecutionID: "9d1c7c52-6f0c-4c55-8a34-0a4ff4b4c1aa",
		Stage:               "Build",
		Action:              "Firmware",
		Instance: ec2build.Instance{
			ImageID:    "ami-0d1e2f3a4b5c6d7e8",
			Profile:    "firmware-builder",
			RootDevice: "/dev/xvda",
			RootSize:   80,
			UserData:   "#!/bin/sh\nshutdown -P +90\n",
		},
		Launches: ec2build.Launches([]string{"c7i.2xlarge", "m7i.2xlarge"}, ec2build.Network{
			SubnetIDs:        []string{"subnet-0aa1bb2cc3dd4ee5f", "subnet-0bb1bb2cc3dd4ee5f"},
			SecurityGroupIDs: []string{"sg-0cc1bb2cc3dd4ee5f"},
		}, ec2build.MarketSpotThenOnDemand),
		Command: ec2build.Command{
			Document:   "firmware-build",
			Parameters: map[string][]string{"Command": {base64.StdEncoding.EncodeToString([]byte("make -j8\nmake check\n"))}},
		},
		Plugin:       "build",
		LogGroup:     "/ec2build/firmware",
		Tags:         ec2build.Tags{"codesuite:ec2build": "firmware", "team": "drivers"},
		StartTimeout: 600,
		Timeout:      3600,
		Relaunches:   1,
		Variables:    &ec2build.InstanceObject{Bucket: "firmware-results", KeyPrefix: "variables/AROAEXAMPLEID:"},
	}
}

func TestInputCheck(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*ec2build.Input)
		want   string // part of the error; "" is none
	}{
		{"right", func(*ec2build.Input) {}, ""},
		{"launch template", func(in *ec2build.Input) {
			in.Instance = ec2build.Instance{LaunchTemplateID: "lt-0aa1bb2cc3dd4ee5f", LaunchTemplateVersion: "$Latest"}
		}, ""},
		{"alias of an image", func(in *ec2build.Input) { in.Instance.ImageID = "resolve:ssm:/images/firmware" }, ""},
		{"no variables", func(in *ec2build.Input) { in.Variables = nil }, ""},
		{"no job", func(in *ec2build.Input) { in.JobID = "" }, `JobID "" is no ID of a job`},
		{"no image", func(in *ec2build.Input) { in.Instance.ImageID = "" }, "neither ImageID nor LaunchTemplateID"},
		{"odd image", func(in *ec2build.Input) { in.Instance.ImageID = "ami-XYZ" }, `ImageID "ami-XYZ"`},
		{"odd template", func(in *ec2build.Input) { in.Instance.LaunchTemplateID = "tpl" }, `LaunchTemplateID "tpl"`},
		{"version without template", func(in *ec2build.Input) { in.Instance.LaunchTemplateVersion = "3" }, "without LaunchTemplateID"},
		{"odd version", func(in *ec2build.Input) {
			in.Instance.LaunchTemplateID, in.Instance.LaunchTemplateVersion = "lt-0aa1bb2cc3dd4ee5f", "$LATEST"
		}, `LaunchTemplateVersion "$LATEST"`},
		{"no profile", func(in *ec2build.Input) { in.Instance.Profile = "" }, "cannot register with Systems Manager"},
		{"half a volume", func(in *ec2build.Input) { in.Instance.RootSize = 0 }, `RootDevice "/dev/xvda" and RootSize 0`},
		{"long user data", func(in *ec2build.Input) { in.Instance.UserData = strings.Repeat("x", 16<<10+1) }, "UserData has 16385 bytes"},
		{"no launches", func(in *ec2build.Input) { in.Launches = nil }, "Launches: there are 0"},
		{"many launches", func(in *ec2build.Input) {
			in.Launches = ec2build.Launches(make([]string, 61), ec2build.Network{}, ec2build.MarketSpot)
		}, "Launches: there are 61"},
		{"odd type", func(in *ec2build.Input) { in.Launches[1].InstanceType = "huge" }, `Launches[1]: InstanceType "huge"`},
		{"odd subnet", func(in *ec2build.Input) { in.Launches[2].SubnetID = "subnet" }, `Launches[2]: SubnetID "subnet"`},
		{"odd group", func(in *ec2build.Input) { in.Launches[0].SecurityGroupIDs = []string{"default"} }, `"default" is no ID of a security group`},
		{"no document", func(in *ec2build.Input) { in.Command.Document = "" }, `Document ""`},
		{"odd document version", func(in *ec2build.Input) { in.Command.DocumentVersion = "new" }, `DocumentVersion "new"`},
		{"parameter without a name", func(in *ec2build.Input) { in.Command.Parameters[""] = nil }, "a parameter has no name"},
		{"no plugin", func(in *ec2build.Input) { in.Plugin = "" }, "Plugin is empty"},
		{"odd log group", func(in *ec2build.Input) { in.LogGroup = "a b" }, `LogGroup "a b"`},
		{"tag of AWS", func(in *ec2build.Input) { in.Tags["AWS:x"] = "" }, `key "AWS:x"`},
		{"tag of the machine", func(in *ec2build.Input) { in.Tags[ec2build.TagExecution] = "x" }, "the state machine's own tag"},
		{"long tag", func(in *ec2build.Input) { in.Tags["x"] = strings.Repeat("y", 257) }, "the value of x has more than 256"},
		{"short start", func(in *ec2build.Input) { in.StartTimeout = 59 }, "StartTimeout: 59 seconds"},
		{"long start", func(in *ec2build.Input) { in.StartTimeout = 3601 }, "StartTimeout: 3601 seconds"},
		{"no time", func(in *ec2build.Input) { in.Timeout = 0 }, "Timeout: 0 seconds"},
		{"long time", func(in *ec2build.Input) { in.Timeout = 86401 }, "after 24 hours"},
		{"many relaunches", func(in *ec2build.Input) { in.Relaunches = 3 }, "Relaunches: 3"},
		{"odd bucket", func(in *ec2build.Input) { in.Variables.Bucket = "A" }, `bucket "A"`},
		{"long input", func(in *ec2build.Input) { in.Command.Parameters["Command"] = []string{strings.Repeat("-", 240<<10)} }, "bytes in JSON"},
		{"pre-signed URL", func(in *ec2build.Input) {
			in.Command.Parameters["Source"] = []string{"https://bucket.s3.amazonaws.com/key?x=y&X-Amz-Signature=0123"}
		}, "Command.Parameters.Source[0] holds a pre-signed URL"},
		{"encoded access key", func(in *ec2build.Input) {
			text := "export AWS_ACCESS_KEY_ID=" + "ASIA" + strings.Repeat("Q", 16)
			in.Command.Parameters["Command"] = []string{base64.StdEncoding.EncodeToString([]byte(text))}
		}, "Command.Parameters.Command[0] holds an access key of AWS"},
		{"private key in user data", func(in *ec2build.Input) {
			in.Instance.UserData = "-----BEGIN RSA " + "PRIVATE KEY-----"
		}, "Instance.UserData holds a private key"},
		{"token in a tag", func(in *ec2build.Input) { in.Tags["t"] = "ghp_" + strings.Repeat("a", 36) }, "holds a token of GitHub"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			in := input()
			test.change(in)
			err := in.Check()
			switch {
			case test.want == "" && err != nil:
				t.Errorf("Check() = %v, want none", err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("Check() = %v, want one with %q", err, test.want)
			case err != nil && (strings.Contains(err.Error(), "X-Amz-Signature=0123") || strings.Contains(err.Error(), "QQQQ") || strings.Contains(err.Error(), "aaaa")):
				t.Errorf("Check() = %v, which shows the secret", err)
			}
		})
	}
}

// TestInputJSON checks the members that the state machine hands to EC2 and
// Systems Manager as they are.
func TestInputJSON(t *testing.T) {
	t.Parallel()
	in := input()
	in.Launches = append(in.Launches[:1], ec2build.Launch{InstanceType: "m7i.large", SubnetID: "subnet-0aa1bb2cc3dd4ee5f", SecurityGroupIDs: []string{"sg-0cc1bb2cc3dd4ee5f"}, NoPublicIP: true})
	in.Instance.LaunchTemplateID = "lt-0aa1bb2cc3dd4ee5f"
	data, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"Instance": map[string]any{
			"ImageId":            "ami-0d1e2f3a4b5c6d7e8",
			"LaunchTemplate":     map[string]any{"LaunchTemplateId": "lt-0aa1bb2cc3dd4ee5f"},
			"IamInstanceProfile": map[string]any{"Name": "firmware-builder"},
			"BlockDeviceMappings": []any{map[string]any{
				"DeviceName": "/dev/xvda",
				"Ebs":        map[string]any{"VolumeSize": 80.0, "VolumeType": "gp3", "Encrypted": true, "DeleteOnTermination": true},
			}},
			"UserData": "IyEvYmluL3NoCnNodXRkb3duIC1QICs5MAo=",
		},
		"Launches": []any{
			map[string]any{
				"InstanceType":     "c7i.2xlarge",
				"SubnetId":         "subnet-0aa1bb2cc3dd4ee5f",
				"SecurityGroupIds": []any{"sg-0cc1bb2cc3dd4ee5f"},
				"InstanceMarketOptions": map[string]any{
					"MarketType":  "spot",
					"SpotOptions": map[string]any{"SpotInstanceType": "one-time", "InstanceInterruptionBehavior": "terminate"},
				},
			},
			map[string]any{
				"InstanceType": "m7i.large",
				"NetworkInterfaces": []any{map[string]any{
					"DeviceIndex": 0.0, "SubnetId": "subnet-0aa1bb2cc3dd4ee5f", "Groups": []any{"sg-0cc1bb2cc3dd4ee5f"},
					"AssociatePublicIpAddress": false, "DeleteOnTermination": true,
				}},
			},
		},
		"Tags": []any{
			map[string]any{"Key": "codesuite:ec2build", "Value": "firmware"},
			map[string]any{"Key": "team", "Value": "drivers"},
		},
		"Command": map[string]any{
			"DocumentName": "firmware-build",
			"Parameters":   map[string]any{"Command": []any{"bWFrZSAtajgKbWFrZSBjaGVjawo="}},
		},
	}
	for name := range want {
		if diff := cmp.Diff(want[name], got[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	var read ec2build.Input
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(in, &read); diff != "" {
		t.Errorf("read again (-want +got):\n%s", diff)
	}
}

func TestLaunches(t *testing.T) {
	t.Parallel()
	a, b := "subnet-0aa1bb2cc3dd4ee5f", "subnet-0bb1bb2cc3dd4ee5f"
	tests := []struct {
		name    string
		types   []string
		network ec2build.Network
		market  ec2build.Market
		want    []ec2build.Launch
	}{
		{"one type alone", []string{"m7i.large"}, ec2build.Network{}, "", []ec2build.Launch{{InstanceType: "m7i.large"}}},
		{"spot", []string{"m7i.large"}, ec2build.Network{SubnetIDs: []string{a}}, ec2build.MarketSpot, []ec2build.Launch{{InstanceType: "m7i.large", SubnetID: a, Spot: true}}},
		{"all", []string{"m7i.large", "c7i.large"}, ec2build.Network{SubnetIDs: []string{a, b}, NoPublicIP: true}, ec2build.MarketSpotThenOnDemand, []ec2build.Launch{
			{InstanceType: "m7i.large", SubnetID: a, NoPublicIP: true, Spot: true},
			{InstanceType: "m7i.large", SubnetID: b, NoPublicIP: true, Spot: true},
			{InstanceType: "c7i.large", SubnetID: a, NoPublicIP: true, Spot: true},
			{InstanceType: "c7i.large", SubnetID: b, NoPublicIP: true, Spot: true},
			{InstanceType: "m7i.large", SubnetID: a, NoPublicIP: true},
			{InstanceType: "m7i.large", SubnetID: b, NoPublicIP: true},
			{InstanceType: "c7i.large", SubnetID: a, NoPublicIP: true},
			{InstanceType: "c7i.large", SubnetID: b, NoPublicIP: true},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, ec2build.Launches(test.types, test.network, test.market)); diff != "" {
				t.Errorf("Launches (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzInput(f *testing.F) {
	in := input()
	data, err := json.Marshal(in)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"Launches":[{"NetworkInterfaces":[{}]}],"Tags":[{"Key":"a"}],"Instance":{"UserData":"eA==","IamInstanceProfile":{"Arn":"arn:aws:iam::1:x"}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var first, second ec2build.Input
		if json.Unmarshal(data, &first) != nil {
			return
		}
		_ = first.Check() // must not panic
		data, err := json.Marshal(&first)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &second); err != nil {
			t.Fatalf("%s cannot be read: %v", data, err)
		}
		again, err := json.Marshal(&second)
		if err != nil {
			t.Fatal(err)
		}
		if string(again) != string(data) {
			t.Errorf("the input changed:\n%s\n%s", data, again)
		}
	})
}
