package pattern_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/events/pattern"
)

// A rule for failed deployments, tested on an event before it is deployed.
func ExampleNew() {
	rule, err := pattern.New(pattern.Fields{
		"source":      pattern.Equals("aws.codepipeline"),
		"detail-type": pattern.Equals("CodePipeline Action Execution State Change"),
		"detail": pattern.Fields{
			"pipeline": pattern.AnyOf(pattern.Prefix("prod-"), pattern.Equals("website")),
			"state":    pattern.Equals("FAILED"),
			"type":     pattern.Fields{"provider": pattern.AnythingBut(pattern.Equals("Manual"))},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rule)

	match, err := rule.Match([]byte(`{
		"source": "aws.codepipeline",
		"detail-type": "CodePipeline Action Execution State Change",
		"detail": {"pipeline": "prod-eu", "state": "FAILED", "type": {"provider": "CodeDeploy"}}
	}`))
	fmt.Println(match, err)
	// Output:
	// {"source":["aws.codepipeline"],"detail-type":["CodePipeline Action Execution State Change"],"detail":{"pipeline":[{"prefix":"prod-"},"website"],"state":["FAILED"],"type":{"provider":[{"anything-but":"Manual"}]}}}
	// true <nil>
}

// The EventPattern of an AWS::Events::Rule, indented for a template.
func ExamplePattern_String() {
	rule := pattern.Must(pattern.ReferenceFilter{
		Repository: pattern.Equals("website"),
		Type:       pattern.Equals("branch"),
		Name:       pattern.AnyOf(pattern.Equals("main"), pattern.Prefix("release/")),
		Event:      pattern.Equals("referenceCreated", "referenceUpdated"),
	})
	var indented bytes.Buffer
	if err := json.Indent(&indented, []byte(rule.String()), "", "  "); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(indented.String())
	// Output:
	// {
	//   "source": [
	//     "aws.codecommit"
	//   ],
	//   "detail-type": [
	//     "CodeCommit Repository State Change"
	//   ],
	//   "detail": {
	//     "event": [
	//       "referenceCreated",
	//       "referenceUpdated"
	//     ],
	//     "referenceName": [
	//       "main",
	//       {
	//         "prefix": "release/"
	//       }
	//     ],
	//     "referenceType": [
	//       "branch"
	//     ],
	//     "repositoryName": [
	//       "website"
	//     ]
	//   }
	// }
}

// Mistakes that PutRule would reject are found without a call, with the place.
func ExampleParse() {
	_, err := pattern.Parse([]byte(`{"detail": {"state": "FAILED"}}`))
	fmt.Println(err)

	_, err = pattern.Parse([]byte(`{"detail": {"count": [{"numeric": [">", 10, "<", 5]}]}}`))
	var patternErr *pattern.Error
	if errors.As(err, &patternErr) {
		fmt.Println(patternErr.Path)
	}
	// Output:
	// pattern: detail.state: must be a list of values or an object, also for a single value
	// detail.count[0].numeric
}

// A filter of this package with what it has no field for.
func ExamplePattern_With() {
	failed := pattern.Must(pattern.PipelineFilter{State: pattern.Equals("FAILED")})
	rule, err := failed.With(pattern.Fields{
		"account": pattern.Equals("111122223333"),
		"detail": pattern.Fields{
			"execution-trigger": pattern.Fields{"trigger-type": pattern.Equals("Webhook")},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rule)
	// Output:
	// {"source":["aws.codepipeline"],"detail-type":["CodePipeline Pipeline Execution State Change"],"account":["111122223333"],"detail":{"execution-trigger":{"trigger-type":["Webhook"]},"state":["FAILED"]}}
}

// One rule for pull requests to main and for failed builds.
func ExampleOr() {
	rule, err := pattern.New(pattern.Fields{
		"region": pattern.Equals("eu-central-1"),
		"$or": pattern.Or(
			pattern.PullRequestFilter{
				Repository:  pattern.Equals("website"),
				Destination: pattern.Equals("refs/heads/main"),
			},
			pattern.BuildFilter{Status: pattern.Equals("FAILED")},
		),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, event := range []string{
		`{"region":"eu-central-1","source":"aws.codebuild","detail-type":"CodeBuild Build State Change","detail":{"build-status":"FAILED"}}`,
		`{"region":"eu-central-1","source":"aws.codebuild","detail-type":"CodeBuild Build State Change","detail":{"build-status":"SUCCEEDED"}}`,
		`{"region":"eu-central-1","source":"aws.codecommit","detail-type":"CodeCommit Pull Request State Change","detail":{"repositoryNames":["website"],"destinationReference":"refs/heads/main"}}`,
	} {
		match, err := rule.Match([]byte(event))
		fmt.Println(match, err)
	}
	// Output:
	// true <nil>
	// false <nil>
	// true <nil>
}

func ExampleAnythingBut() {
	rule := pattern.Must(pattern.Fields{
		"detail": pattern.Fields{
			"referenceName": pattern.AnythingBut(pattern.Prefix("dependabot/", "renovate/")),
		},
	})
	for _, event := range []string{
		`{"detail":{"referenceName":"feature/login"}}`,
		`{"detail":{"referenceName":"renovate/go-1.x"}}`,
		`{"detail":{}}`, // the field must be there
	} {
		match, err := rule.Match([]byte(event))
		fmt.Println(match, err)
	}
	// Output:
	// true <nil>
	// false <nil>
	// false <nil>
}

func ExampleNumericRange() {
	rule := pattern.Must(pattern.Fields{
		"detail": pattern.Fields{"completed-phase-duration-seconds": pattern.NumericRange(">=", 60, "<", 3600)},
	})
	match, err := rule.Match([]byte(`{"detail":{"completed-phase-duration-seconds":75.0}}`))
	fmt.Println(rule, match, err)
	// Output:
	// {"detail":{"completed-phase-duration-seconds":[{"numeric":[">=",60,"<",3600]}]}} true <nil>
}

// One filter for the rule and for the handler.
func ExampleWhen() {
	failed := pattern.Must(pattern.PipelineFilter{
		Pipeline: pattern.Prefix("prod-"),
		State:    pattern.Equals("FAILED"),
	})
	var mux events.Mux
	err := events.On(&mux, pattern.When(failed, func(_ context.Context, e *events.PipelineExecutionStateChange) error {
		fmt.Println(e.Pipeline, e.State)
		return nil
	}))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, payload := range []string{
		`{"source":"aws.codepipeline","detail-type":"CodePipeline Pipeline Execution State Change","detail":{"pipeline":"prod-eu","state":"FAILED"}}`,
		`{"source":"aws.codepipeline","detailType":"CodePipeline Pipeline Execution State Change","detail":{"pipeline":"prod-us","state":"FAILED"},"notificationRuleArn":"arn"}`,
		`{"source":"aws.codepipeline","detail-type":"CodePipeline Pipeline Execution State Change","detail":{"pipeline":"test","state":"FAILED"}}`,
	} {
		if _, err := mux.Invoke(context.Background(), []byte(payload)); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// prod-eu FAILED
	// prod-us FAILED
}
