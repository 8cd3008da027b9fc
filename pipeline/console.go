package pipeline

import "net/url"

// ConsoleURL returns the address of an execution in the AWS console, or of the
// pipeline itself if the execution's ID is empty. The Region decides on the
// partition: aws, aws-cn and aws-us-gov have consoles of their own. It returns
// "" for a Region of another partition, whose address is not known, and for
// what is no Region.
func ConsoleURL(region, pipeline, executionID string) string {
	return "https://" + region + ".console.aws.amazon.com/codesuite/codepipeline/pipelines/" + url.PathEscape(pipeline) +
		"/executions/" + url.PathEscape(executionID) + "/timeline?region=" + region
}
