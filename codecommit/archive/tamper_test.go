package archive_test

import (
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
)

// dropLast drops the last entry of a page.
func dropLast(out *awscodecommit.GetDifferencesOutput) {
	if n := len(out.Differences); n > 0 {
		out.Differences = out.Differences[:n-1]
	}
}
