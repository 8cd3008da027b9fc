package pipelinetest

import "github.com/codesuite-go/codesuite/internal/awsjson"

const (
	region    = awsjson.Region
	accountID = awsjson.AccountID
)
