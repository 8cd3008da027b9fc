package citest

import (
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

type batchGetReportsInput struct {
	ARNs []string `json:"reportArns"`
}

// batchGetReportsOutput has no empty list: the service's model has none.
type batchGetReportsOutput struct {
	Reports  []reportJSON `json:"reports,omitempty"`
	NotFound []string     `json:"reportsNotFound,omitempty"`
}

type reportJSON struct {
	ARN         string             `json:"arn"`
	Type        string             `json:"type"`
	Name        string             `json:"name"`
	Group       string             `json:"reportGroupArn"`
	ExecutionID string             `json:"executionId"`
	Status      string             `json:"status"`
	Created     *awsjson.Timestamp `json:"created"`
	Expired     *awsjson.Timestamp `json:"expired"`
	Export      exportJSON         `json:"exportConfig"`
	Truncated   bool               `json:"truncated"`
	Tests       *testSummaryJSON   `json:"testSummary,omitempty"`
	Coverage    *coverageJSON      `json:"codeCoverageSummary,omitempty"`
}

type exportJSON struct {
	Type string `json:"exportConfigType"`
}

type testSummaryJSON struct {
	Total       int            `json:"total"`
	Counts      map[string]int `json:"statusCounts"`
	Nanoseconds int64          `json:"durationInNanoSeconds"`
}

type coverageJSON struct {
	LinePercentage   float64 `json:"lineCoveragePercentage"`
	LinesCovered     int     `json:"linesCovered"`
	LinesMissed      int     `json:"linesMissed"`
	BranchPercentage float64 `json:"branchCoveragePercentage"`
	BranchesCovered  int     `json:"branchesCovered"`
	BranchesMissed   int     `json:"branchesMissed"`
}

// reportLife is how long the service keeps a report.
const reportLife = 30 * 24 * time.Hour

func (s *Server) batchGetReports(in *batchGetReportsInput) (*batchGetReportsOutput, error) {
	if err := validateList("reportArns", in.ARNs, 1); err != nil {
		return nil, err
	}
	out := new(batchGetReportsOutput)
	for _, arn := range in.ARNs {
		if r := s.reports[arn]; r != nil && !r.Gone {
			out.Reports = append(out.Reports, r.json())
		} else {
			out.NotFound = append(out.NotFound, arn)
		}
	}
	return out, nil
}

func (r *report) json() reportJSON {
	out := reportJSON{
		ARN: r.arn, Type: "TEST", Name: r.Name, Group: r.group, ExecutionID: r.build.arn, Status: r.status(),
		Created: awsjson.At(r.created), Expired: awsjson.At(r.created.Add(reportLife)), Export: exportJSON{"NO_EXPORT"}, Truncated: r.Truncated,
	}
	generating := out.Status == "GENERATING"
	if c := r.Coverage; c != nil {
		out.Type = "CODE_COVERAGE"
		if !generating {
			out.Coverage = &coverageJSON{
				percentage(c.LinesCovered, c.LinesMissed), c.LinesCovered, c.LinesMissed,
				percentage(c.BranchesCovered, c.BranchesMissed), c.BranchesCovered, c.BranchesMissed,
			}
		}
		return out
	}
	if !generating {
		summary := &testSummaryJSON{Total: len(r.Cases), Counts: make(map[string]int, len(caseStatuses))}
		for _, status := range caseStatuses {
			summary.Counts[status] = 0
		}
		for _, c := range r.Cases {
			summary.Counts[c.Status]++
			summary.Nanoseconds += c.Duration.Nanoseconds()
		}
		out.Tests = summary
	}
	return out
}

func percentage(covered, missed int) float64 {
	if covered+missed == 0 {
		return 0
	}
	return 100 * float64(covered) / float64(covered+missed)
}

type describeTestCasesInput struct {
	ARN        *string `json:"reportArn"`
	NextToken  *string `json:"nextToken"`
	MaxResults *int32  `json:"maxResults"`
	Filter     *struct {
		Status  *string `json:"status"`
		Keyword *string `json:"keyword"`
	} `json:"filter"`
}

type describeTestCasesOutput struct {
	NextToken *string        `json:"nextToken,omitempty"`
	Cases     []testCaseJSON `json:"testCases"`
}

type testCaseJSON struct {
	Report      string             `json:"reportArn"`
	Path        string             `json:"testRawDataPath"`
	Prefix      string             `json:"prefix,omitempty"`
	Name        string             `json:"name"`
	Status      string             `json:"status"`
	Nanoseconds int64              `json:"durationInNanoSeconds"`
	Message     string             `json:"message,omitempty"`
	Expired     *awsjson.Timestamp `json:"expired"`
	Suite       string             `json:"testSuiteName,omitempty"`
}

func (s *Server) describeTestCases(in *describeTestCasesInput) (*describeTestCasesOutput, error) {
	var v awsjson.Validation
	v.Text("reportArn", in.ARN, true, 1, noLimit, nil)
	v.Integer("maxResults", in.MaxResults, 1, 100)
	status, keyword := "", ""
	if in.Filter != nil {
		set(&status, in.Filter.Status)
		set(&keyword, in.Filter.Keyword)
	}
	if status != "" {
		v.Enum("filter.status", &status, caseStatuses...)
	}
	if err := v.Err(); err != nil {
		return nil, as("InvalidInputException", err)
	}
	r := s.reports[*in.ARN]
	if r == nil || r.Gone {
		return nil, awsjson.Errorf("ResourceNotFoundException", "Report does not exist: %s", *in.ARN)
	}
	var cases []testCaseJSON
	for _, c := range r.Cases {
		if status != "" && c.Status != status || !strings.Contains(c.Prefix+c.Name, keyword) || r.status() == "GENERATING" {
			continue
		}
		cases = append(cases, testCaseJSON{
			Report: r.arn, Path: "report.xml", Prefix: c.Prefix, Name: c.Name, Status: c.Status, Suite: c.Suite,
			Nanoseconds: c.Duration.Nanoseconds(), Message: c.Message, Expired: awsjson.At(r.created.Add(reportLife)),
		})
	}
	size := listPage
	if in.MaxResults != nil {
		size = int(*in.MaxResults)
	}
	page, next, err := awsjson.Page(cases, in.NextToken, size, "InvalidInputException", "cases", r.arn, status, keyword)
	if err != nil {
		return nil, err
	}
	return &describeTestCasesOutput{next, page}, nil
}
