package codecommittest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"strings"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"
	"github.com/aws/smithy-go"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

// A program serves a file system and reads a file of it. A test calls
// [codecommittest.NewServer] instead of Start and need not close the server.
func ExampleStart() {
	server, err := codecommittest.Start(codecommittest.FS("app", fstest.MapFS{
		"README.md":     {Data: []byte("# App\n")},
		"bin/deploy.sh": {Data: []byte("#!/bin/sh\n"), Mode: 0o755},
	}))
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	client := awscodecommit.NewFromConfig(server.Config())
	file, err := client.GetFile(context.Background(), &awscodecommit.GetFileInput{
		RepositoryName: aws.String("app"),
		FilePath:       aws.String("bin/deploy.sh"),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(*file.FilePath, file.FileMode, file.FileSize)
	fmt.Println(server.Calls())
	// Output:
	// bin/deploy.sh EXECUTABLE 10
	// map[GetFile:1]
}

// A missing permission, and a throttled client that gives up.
func ExampleServer_SetFaults() {
	server, err := codecommittest.Start(codecommittest.FS("app", fstest.MapFS{"a.txt": {}}))
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	client := awscodecommit.NewFromConfig(server.Config())

	for _, faults := range []codecommittest.Faults{
		{Deny: []string{"ListBranches"}},
		{Fail: func(operation string) string { return "ThrottlingException" }},
		{},
	} {
		server.SetFaults(faults)
		out, err := client.ListBranches(context.Background(), &awscodecommit.ListBranchesInput{RepositoryName: aws.String("app")})
		var failure smithy.APIError
		if errors.As(err, &failure) {
			fmt.Println(failure.ErrorCode())
			continue
		}
		fmt.Println(out.Branches)
	}
	fmt.Println(server.Count("ListBranches"), "calls")
	// Output:
	// AccessDeniedException
	// ThrottlingException
	// [main]
	// 5 calls
}

// A push between two calls.
func ExampleServer_Commit() {
	server, err := codecommittest.Start(codecommittest.FS("app", fstest.MapFS{"version": {Data: []byte("1")}}))
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	client := awscodecommit.NewFromConfig(server.Config())

	version := func() {
		file, err := client.GetFile(context.Background(), &awscodecommit.GetFileInput{
			RepositoryName: aws.String("app"),
			FilePath:       aws.String("version"),
		})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("version %s at %.7s\n", file.FileContent, *file.CommitId)
	}
	version()
	if _, err := server.Commit("app", "main", fstest.MapFS{"version": {Data: []byte("2")}}); err != nil {
		log.Fatal(err)
	}
	version()
	// Output:
	// version 1 at 79b5d2a
	// version 2 at 689d496
}

// A pull request, and the events that the service would send.
func ExampleServer_OnEvent() {
	server, err := codecommittest.Start(codecommittest.FS("app", fstest.MapFS{"version": {Data: []byte("1")}}))
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	server.OnEvent(func(payload []byte) {
		var event struct {
			Detail struct{ Event, CallerUserARN string }
		}
		if err := json.Unmarshal(payload, &event); err != nil {
			log.Fatal(err)
		}
		fmt.Println(strings.TrimSpace(event.Detail.Event + " " + event.Detail.CallerUserARN))
	})
	if _, err := server.Commit("app", "topic", fstest.MapFS{"version": {Data: []byte("2")}}); err != nil {
		log.Fatal(err)
	}
	client := awscodecommit.NewFromConfig(server.ConfigAs("arn:aws:iam::111122223333:user/ada"))
	created, err := client.CreatePullRequest(context.Background(), &awscodecommit.CreatePullRequestInput{
		Title: aws.String("Version 2"),
		Targets: []types.Target{{
			RepositoryName: aws.String("app"), SourceReference: aws.String("topic"), DestinationReference: aws.String("main"),
		}},
	})
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.MergePullRequestByFastForward(context.Background(), &awscodecommit.MergePullRequestByFastForwardInput{
		PullRequestId: created.PullRequest.PullRequestId, RepositoryName: aws.String("app"),
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// referenceCreated
	// pullRequestCreated arn:aws:iam::111122223333:user/ada
	// referenceUpdated
	// pullRequestMergeStatusUpdated arn:aws:iam::111122223333:user/ada
}
