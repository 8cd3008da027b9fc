package console_test

import (
	"testing"

	"github.com/codesuite-go/codesuite/internal/console"
)

func TestLog(t *testing.T) {
	t.Parallel()
	const path = "#logsV2:log-groups/log-group/$252Faws$252Fcodebuild$252Fapp/log-events/review$252F1"
	for _, test := range []struct{ region, group, stream, want string }{
		{"us-east-1", "/aws/codebuild/app", "review/1", "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1" + path},
		{"cn-north-1", "/aws/codebuild/app", "review/1", "https://cn-north-1.console.amazonaws.cn/cloudwatch/home?region=cn-north-1" + path},
		{"us-gov-west-1", "/aws/codebuild/app", "review/1", "https://us-gov-west-1.console.amazonaws-us-gov.com/cloudwatch/home?region=us-gov-west-1" + path},
		{"eusc-de-east-1", "/aws/codebuild/app", "review/1", "https://eusc-de-east-1.console.amazonaws-eusc.eu/cloudwatch/home?region=eusc-de-east-1" + path},
		{"us-iso-east-1", "/aws/codebuild/app", "review/1", ""},
		{"None", "/aws/codebuild/app", "review/1", ""},
		{"us-east-1", "", "review/1", ""},
		{"us-east-1", "/aws/codebuild/app", "", ""},
		{"us-east-1", "a)b", "c#d", "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logsV2:log-groups/log-group/a$2529b/log-events/c$2523d"},
	} {
		if got := console.Log(test.region, test.group, test.stream); got != test.want {
			t.Errorf("%s %s %s: %q, want %q", test.region, test.group, test.stream, got, test.want)
		}
	}
}
