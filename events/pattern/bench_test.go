package pattern_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/events/pattern"
)

const benchEvent = `{
	"version": "0", "id": "01234567-EXAMPLE", "detail-type": "CodePipeline Action Execution State Change",
	"source": "aws.codepipeline", "account": "123456789012", "time": "2020-01-31T18:55:43Z", "region": "us-west-2",
	"resources": ["arn:aws:codepipeline:us-west-2:123456789012:myPipeline"],
	"detail": {
		"pipeline": "myPipeline", "execution-id": "12345678-1234-5678-abcd-12345678abcd", "stage": "Deploy",
		"execution-result": {
			"external-execution-url": "https://us-west-2.console.aws.amazon.com/codedeploy/home?#/deployments/<ID>",
			"external-execution-summary": "Deployment <ID> failed", "external-execution-id": "<ID>", "error-code": "JobFailed"
		},
		"action": "Deploy", "state": "FAILED", "region": "us-west-2",
		"type": {"owner": "AWS", "provider": "CodeDeploy", "category": "Deploy", "version": "1"}, "version": 4
	}
}`

func BenchmarkMatch(b *testing.B) {
	list := `{"source":"aws.codepipeline","detail":{"a":[` + strings.Repeat(`{"b":"x","c":1},`, 5000) + `{"b":"x"}]}}`
	wildcard := `{"a":"` + strings.Repeat("ab", 100_000) + `"}`
	var or []string
	for i := range 31 {
		or = append(or, fmt.Sprintf(`{"f%d":[%d]}`, i, i))
	}
	alternatives := "[" + strings.Join(or, ",") + "]"
	tests := []struct{ name, pattern, event string }{
		{"action", pattern.Must(pattern.ActionFilter{Pipeline: pattern.Wildcard("my*"), State: pattern.Equals("FAILED", "ABANDONED"), Category: pattern.Equals("Deploy")}).String(), benchEvent},
		{"other", pattern.Must(pattern.BuildFilter{}).String(), benchEvent},
		{"list", `{"detail":{"a":{"b":["x"],"c":[{"exists":false}]}}}`, list},
		{"wildcard", `{"a":[{"wildcard":"*a*b*ba*bb*c"}]}`, wildcard},
		{"or", `{"$or":` + alternatives + `,"d":{"$or":` + alternatives + `}}`, benchEvent},
	}
	for _, tt := range tests {
		b.Run(tt.name, func(b *testing.B) {
			p, err := pattern.Parse([]byte(tt.pattern))
			if err != nil {
				b.Fatal(err)
			}
			event := []byte(tt.event)
			b.SetBytes(int64(len(event)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Match(event); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	data := []byte(pattern.Must(pattern.ActionFilter{Pipeline: pattern.Wildcard("my*"), State: pattern.Equals("FAILED")}).String())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := pattern.Parse(data); err != nil {
			b.Fatal(err)
		}
	}
}
