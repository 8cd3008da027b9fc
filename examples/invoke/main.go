// Command invoke is a Lambda function for an invoke action of CodePipeline: it
// checks what is in the source artifact, and fails the action with a list of
// what it found. The action's user parameters tell what to check.
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/codesuite-go/codesuite/pipeline/action"
)

// The function has 2 GiB of temporary storage (template.yaml). A tar.gz
// artifact takes its own size of that and the size of what is in it.
const (
	maxDownload = 512 << 20
	maxUnpacked = 1 << 30
)

func main() {
	logger := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		logger.Error("invoke", "error", err)
		os.Exit(1)
	}
	lambda.Start(action.OpenLambda(cfg, action.HandlerFunc(handle), func(o *action.LambdaOptions) {
		o.Logger = logger
		o.Job = func(jo *action.JobOptions) {
			jo.Limits = action.Limits{Download: maxDownload, Unpacked: maxUnpacked, File: maxUnpacked}
		}
	}))
}
