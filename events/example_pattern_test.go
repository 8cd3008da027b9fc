package events_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/codesuite-go/codesuite/events"
)

// A rule for failed deployments, tested on an event before it is deployed.
func ExampleNewPattern() {
	pattern, err := events.NewPattern(events.Fields{
		"source":      events.Equals("aws.codepipeline"),
		"detail-type": events.Equals("CodePipeline Action Execution State Change"),
		"detail": events.Fields{
			"pipeline": events.AnyOf(events.Prefix("prod-"), events.Equals("website")),
			"state":    events.Equals("FAILED"),
			"type":     events.Fields{"provider": events.AnythingBut(events.Equals("Manual"))},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(pattern)

	match, err := pattern.Match([]byte(`{
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
	pattern := events.MustPattern(events.ReferenceFilter{
		Repository: events.Equals("website"),
		Type:       events.Equals("branch"),
		Name:       events.AnyOf(events.Equals("main"), events.Prefix("release/")),
		Event:      events.Equals("referenceCreated", "referenceUpdated"),
	})
	var indented bytes.Buffer
	if err := json.Indent(&indented, []byte(pattern.String()), "", "  "); err != nil {
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
func ExampleParsePattern() {
	_, err := events.ParsePattern([]byte(`{"detail": {"state": "FAILED"}}`))
	fmt.Println(err)

	_, err = events.ParsePattern([]byte(`{"detail": {"count": [{"numeric": [">", 10, "<", 5]}]}}`))
	var patternErr *events.PatternError
	if errors.As(err, &patternErr) {
		fmt.Println(patternErr.Path)
	}
	// Output:
	// events: event pattern: detail.state: must be a list of values or an object, also for a single value
	// detail.count[0].numeric
}

// A filter of this package with what it has no field for.
func ExamplePattern_With() {
	failed := events.MustPattern(events.PipelineFilter{State: events.Equals("FAILED")})
	pattern, err := failed.With(events.Fields{
		"account": events.Equals("111122223333"),
		"detail": events.Fields{
			"execution-trigger": events.Fields{"trigger-type": events.Equals("Webhook")},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(pattern)
	// Output:
	// {"source":["aws.codepipeline"],"detail-type":["CodePipeline Pipeline Execution State Change"],"account":["111122223333"],"detail":{"execution-trigger":{"trigger-type":["Webhook"]},"state":["FAILED"]}}
}

// One rule for pull requests to main and for failed builds.
func ExampleOr() {
	pattern, err := events.NewPattern(events.Fields{
		"region": events.Equals("eu-central-1"),
		"$or": events.Or(
			events.PullRequestFilter{
				Repository:  events.Equals("website"),
				Destination: events.Equals("refs/heads/main"),
			},
			events.BuildFilter{Status: events.Equals("FAILED")},
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
		match, err := pattern.Match([]byte(event))
		fmt.Println(match, err)
	}
	// Output:
	// true <nil>
	// false <nil>
	// true <nil>
}

func ExampleAnythingBut() {
	pattern := events.MustPattern(events.Fields{
		"detail": events.Fields{
			"referenceName": events.AnythingBut(events.Prefix("dependabot/", "renovate/")),
		},
	})
	for _, event := range []string{
		`{"detail":{"referenceName":"feature/login"}}`,
		`{"detail":{"referenceName":"renovate/go-1.x"}}`,
		`{"detail":{}}`, // the field must be there
	} {
		match, err := pattern.Match([]byte(event))
		fmt.Println(match, err)
	}
	// Output:
	// true <nil>
	// false <nil>
	// false <nil>
}

func ExampleNumericRange() {
	pattern := events.MustPattern(events.Fields{
		"detail": events.Fields{"completed-phase-duration-seconds": events.NumericRange(">=", 60, "<", 3600)},
	})
	match, err := pattern.Match([]byte(`{"detail":{"completed-phase-duration-seconds":75.0}}`))
	fmt.Println(pattern, match, err)
	// Output:
	// {"detail":{"completed-phase-duration-seconds":[{"numeric":[">=",60,"<",3600]}]}} true <nil>
}
