package citest

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// Report is a report of a build: of test cases, or of code coverage.
type Report struct {
	// Name is the name of the report group in the buildspec; the group itself is
	// PROJECT-NAME.
	Name string
	// Status is SUCCEEDED, FAILED, INCOMPLETE or DELETING. By default it is FAILED
	// if a case has failed, and SUCCEEDED if none has.
	Status string
	// Cases are the test cases.
	Cases []TestCase
	// Coverage makes the report one of code coverage.
	Coverage *Coverage
	// Truncated says that the service has left out cases.
	Truncated bool
	// Generating is how long the report has the status GENERATING when the build has
	// ended.
	Generating time.Duration
	// Gone is a report that was deleted: BatchGetReports does not find it.
	Gone bool
}

// TestCase is one case of a report.
type TestCase struct {
	Suite    string
	Prefix   string
	Name     string
	Status   string // SUCCEEDED (the default), FAILED, ERROR, SKIPPED or UNKNOWN
	Message  string
	Duration time.Duration
}

// Coverage is how much of the code the tests reach.
type Coverage struct {
	LinesCovered, LinesMissed       int
	BranchesCovered, BranchesMissed int
}

var caseStatuses = []string{"SUCCEEDED", "FAILED", "ERROR", "SKIPPED", "UNKNOWN"}

func (r *Report) check() error {
	if r.Name == "" {
		return fmt.Errorf("a report has no name")
	}
	if r.Status != "" && !slices.Contains([]string{"SUCCEEDED", "FAILED", "INCOMPLETE", "DELETING"}, r.Status) {
		return fmt.Errorf("report %s: %q is no status of a report", r.Name, r.Status)
	}
	if r.Coverage != nil && len(r.Cases) > 0 {
		return fmt.Errorf("report %s has test cases and code coverage", r.Name)
	}
	for _, c := range r.Cases {
		if c.Status != "" && !slices.Contains(caseStatuses, c.Status) {
			return fmt.Errorf("report %s: case %s: %q is no status of a test case", r.Name, c.Name, c.Status)
		}
	}
	return nil
}

// report is a report of the server.
type report struct {
	Report
	arn     string
	group   string // ARN
	build   *build
	created time.Time
}

func (b *build) addReports(at time.Time) {
	for i, r := range b.outcome.Reports {
		group := b.project.Name + "-" + r.Name
		prefix := "arn:aws:codebuild:" + region + ":" + accountID + ":report"
		added := &report{
			Report:  r,
			arn:     prefix + "/" + group + ":" + awsjson.UUID("report", b.id, strconv.Itoa(i)),
			group:   prefix + "-group/" + group,
			build:   b,
			created: at,
		}
		added.Cases = slices.Clone(r.Cases)
		for i := range added.Cases {
			if added.Cases[i].Status == "" {
				added.Cases[i].Status = "SUCCEEDED"
			}
		}
		b.server.reports[added.arn] = added
		b.reportARNs = append(b.reportARNs, added.arn)
	}
}

// status returns the status of the report now.
func (r *report) status() string {
	if !r.build.ended() || r.build.server.now().Before(r.build.end.Add(r.Generating)) {
		return "GENERATING"
	}
	if r.Status != "" {
		return r.Status
	}
	for _, c := range r.Cases {
		if c.Status == "FAILED" || c.Status == "ERROR" {
			return "FAILED"
		}
	}
	return "SUCCEEDED"
}
