package pipeline

import (
	"net/url"
	"slices"
	"strings"
)

// console is the AWS console of a partition, by what the names of its Regions
// start with.
type console struct{ regions, host string }

// consoles end with that of aws, which is that of all other Regions.
var consoles = []console{
	{"cn-", "console.amazonaws.cn"},
	{"us-gov-", "console.amazonaws-us-gov.com"},
	{"eusc-", "console.amazonaws-eusc.eu"},
	{"", "console.aws.amazon.com"},
}

// ConsoleURL returns the address of an execution in the AWS console, or of the
// pipeline itself if the execution's ID is empty. The Region decides on the
// partition: China, GovCloud and the European Sovereign Cloud have consoles of
// their own. It returns "" for Regions of other partitions, whose consoles are
// not public, for what is no Region, and for what cannot be a name in an
// address: a pipeline "", and "." and "..".
func ConsoleURL(region, pipeline, executionID string) string {
	if !validRegion(region) || strings.Contains(region, "-iso") || pipeline == "" || isDots(pipeline) || isDots(executionID) {
		return ""
	}
	view := "/view"
	if executionID != "" {
		view = "/executions/" + url.PathEscape(executionID) + "/timeline"
	}
	i := slices.IndexFunc(consoles, func(c console) bool { return strings.HasPrefix(region, c.regions) })
	return "https://" + region + "." + consoles[i].host + "/codesuite/codepipeline/pipelines/" +
		url.PathEscape(pipeline) + view + "?region=" + region
}

// isDots reports whether s leads elsewhere in a path, escaped or not.
func isDots(s string) bool { return s == "." || s == ".." }

// consoleHost reports whether the host is a console's, and returns the Region
// that it starts with, if it does.
func consoleHost(host string) (region string, ok bool) {
	for _, c := range consoles {
		if host == c.host {
			return "", true
		}
		if region, ok := strings.CutSuffix(host, "."+c.host); ok && validRegion(region) && strings.HasPrefix(region, c.regions) {
			return region, true
		}
	}
	return "", false
}

// validRegion reports whether s looks like a Region: "us-east-1", and not like
// what would change a URL or a host.
func validRegion(s string) bool {
	parts := strings.Split(s, "-")
	if len(parts) < 3 || len(s) > 32 {
		return false
	}
	last := len(parts) - 1
	for _, part := range parts[:last] {
		if part == "" || strings.Trim(part, "abcdefghijklmnopqrstuvwxyz") != "" {
			return false
		}
	}
	return parts[last] != "" && strings.Trim(parts[last], "0123456789") == ""
}
