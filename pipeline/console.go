package pipeline

import "github.com/codesuite-go/codesuite/internal/console"

// ConsoleURL returns the address of an execution in the AWS console, or of the
// pipeline itself if the execution's ID is "". The Region decides on the
// partition: China, GovCloud and the European Sovereign Cloud have consoles of
// their own. ConsoleURL returns "" for Regions of other partitions, whose
// consoles are not public, for a name that is no Region, and for names that
// cannot stand in an address: a pipeline "", and "." and "..".
func ConsoleURL(region, pipeline, executionID string) string {
	return console.Execution(region, pipeline, executionID)
}
