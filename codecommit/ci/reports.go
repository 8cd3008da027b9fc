package ci

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	"github.com/aws/aws-sdk-go-v2/service/codebuild/types"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/awstext"
	"github.com/codesuite-go/codesuite/internal/paging"
	"github.com/codesuite-go/codesuite/internal/plaintext"
	"github.com/codesuite-go/codesuite/internal/redact"
)

// reportWait is how long a report that CodeBuild still makes when the build has ended
// is waited for, once.
const reportWait = 3 * time.Second

// maxReports is how many reports BatchGetReports returns.
const maxReports = 100

// maxCaseText is how many characters of a test case's message a report has.
const maxCaseText = 500

// readReports fills in Tests and Coverage.
func (h *Handler) readReports(ctx context.Context, r *Report) {
	if len(r.Build.ReportARNs) == 0 {
		return
	}
	reports, err := h.reports(ctx, r.Build.ReportARNs)
	if err == nil && slices.ContainsFunc(reports, generating) {
		if err = h.sleep(ctx, reportWait); err == nil {
			reports, err = h.reports(ctx, r.Build.ReportARNs)
		}
	}
	failed := func(err error) {
		if err != nil && ctx.Err() == nil {
			h.options.Logger.WarnContext(ctx, "ci: the test reports cannot be read", "flow", r.Flow, "build", r.Build.ID, "error", err)
		}
	}
	failed(err)
	slices.SortStableFunc(reports, func(a, b types.Report) int { return cmp.Compare(aws.ToString(a.Name), aws.ToString(b.Name)) })
	for i := range reports {
		switch reports[i].Type {
		case types.ReportTypeTest:
			if r.Tests == nil {
				r.Tests = new(Tests)
			}
			r.Tests.add(&reports[i])
			failed(h.failedCases(ctx, &reports[i], r.Tests))
		case types.ReportTypeCodeCoverage:
			if s := reports[i].CodeCoverageSummary; s != nil {
				if r.Coverage == nil {
					r.Coverage = new(Coverage)
				}
				r.Coverage.add(s)
			}
		}
	}
}

func generating(r types.Report) bool { return r.Status == types.ReportStatusTypeGenerating }

// reports returns those of the reports that exist.
func (h *Handler) reports(ctx context.Context, arns []string) ([]types.Report, error) {
	var list []types.Report
	for part := range slices.Chunk(arns, maxReports) {
		out, err := h.clients.CodeBuild.BatchGetReports(ctx, &awscodebuild.BatchGetReportsInput{ReportArns: part})
		if err == nil && out == nil {
			err = apierror.ErrNoReply
		}
		if err != nil {
			return list, &Error{Service: "codebuild", Operation: "BatchGetReports", Object: part[0], Err: err}
		}
		list = append(list, out.Reports...)
	}
	return list, nil
}

func (t *Tests) add(r *types.Report) {
	if generating(*r) || r.Status == types.ReportStatusTypeIncomplete {
		t.Incomplete = true
	}
	t.Truncated = t.Truncated || aws.ToBool(r.Truncated)
	s := r.TestSummary
	if s == nil {
		return
	}
	t.Total += int(aws.ToInt32(s.Total))
	t.Succeeded += int(s.StatusCounts["SUCCEEDED"])
	t.Failed += int(s.StatusCounts["FAILED"])
	t.Errors += int(s.StatusCounts["ERROR"])
	t.Skipped += int(s.StatusCounts["SKIPPED"])
	t.Unknown += int(s.StatusCounts["UNKNOWN"])
	t.Duration += time.Duration(aws.ToInt64(s.DurationInNanoSeconds))
}

func (c *Coverage) add(s *types.CodeCoverageReportSummary) {
	c.LinesCovered += int(aws.ToInt32(s.LinesCovered))
	c.LinesMissed += int(aws.ToInt32(s.LinesMissed))
	c.BranchesCovered += int(aws.ToInt32(s.BranchesCovered))
	c.BranchesMissed += int(aws.ToInt32(s.BranchesMissed))
}

// failedCases adds test cases of the report that have failed, until there are as many
// as the option FailedTests says.
func (h *Handler) failedCases(ctx context.Context, r *types.Report, t *Tests) error {
	if r.TestSummary == nil {
		return nil
	}
	for _, status := range []string{"FAILED", "ERROR"} {
		if r.TestSummary.StatusCounts[status] == 0 {
			continue
		}
		in := &awscodebuild.DescribeTestCasesInput{ReportArn: r.Arn, Filter: &types.TestCaseFilter{Status: &status}}
		var tokens paging.Tokens
		for {
			left := h.options.FailedTests - len(t.Cases)
			if left <= 0 {
				return nil
			}
			in.MaxResults = aws.Int32(int32(min(left, 100)))
			out, err := h.clients.CodeBuild.DescribeTestCases(ctx, in)
			if err == nil && out == nil {
				err = apierror.ErrNoReply
			}
			if err != nil {
				return &Error{Service: "codebuild", Operation: "DescribeTestCases", Object: aws.ToString(r.Arn), Err: err}
			}
			for _, c := range out.TestCases {
				t.Cases = append(t.Cases, TestCase{
					Suite:   aws.ToString(c.TestSuiteName),
					Name:    aws.ToString(c.Name),
					Message: awstext.Cut(redact.Likely(plaintext.Text(aws.ToString(c.Message))), maxCaseText),
				})
			}
			t.Cases = t.Cases[:min(len(t.Cases), h.options.FailedTests)]
			if in.NextToken, err = tokens.Next(out.NextToken, len(out.TestCases)); err != nil {
				return &Error{Service: "codebuild", Operation: "DescribeTestCases", Object: aws.ToString(r.Arn), Err: err}
			}
			if in.NextToken == nil {
				break
			}
		}
	}
	return nil
}
