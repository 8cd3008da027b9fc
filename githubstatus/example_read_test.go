package githubstatus_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/internal/githubtest"
)

// A commit may be released if it has marks and all of them are green.
func ExampleClient_StatusChecks() {
	server := exampleServer()
	defer server.Close()
	ctx := context.Background()
	client := githubstatus.New(githubstatus.Token(githubtest.Token), func(o *githubstatus.Options) {
		o.BaseURL = server.URL()
	})
	commit := githubstatus.Commit{Owner: "octo", Repo: "hello", SHA: "6dcb09b5b57875f334f61aebed695e2e4193db5e"}
	for _, status := range []githubstatus.Status{
		{State: githubstatus.StateSuccess, Context: "build"},
		{State: githubstatus.StatePending, Context: "scan", Description: "12 of 40 images"},
	} {
		if err := client.Set(ctx, commit, status); err != nil {
			log.Fatal(err)
		}
	}

	checks, err := client.StatusChecks(ctx, commit)
	if err != nil {
		log.Fatal(err)
	}
	green := len(checks) > 0
	for _, check := range checks {
		if check.State != githubstatus.StateSuccess {
			fmt.Println(check.Context, check.State, check.Description)
			green = false
		}
	}
	fmt.Println(green)
	// Output:
	// scan pending 12 of 40 images
	// false
}

// Who has approved the pull request that brought a commit, as it was merged?
func ExampleClient_Reviews() {
	server := exampleServer()
	defer server.Close()
	ctx := context.Background()
	const head, merge = "6dcb09b5b57875f334f61aebed695e2e4193db5e", "7638417db6d59f3c431d3e1f261cc637155684cd"
	server.AddRepository("octo/hello", head, merge)
	if _, err := server.SetPullRequest("octo/hello", githubtest.PullRequest{
		Number: 7, Title: "Fix the release", Author: "hubot", Base: "main", HeadSHA: head, MergeSHA: merge,
		Merged:  time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		Reviews: []githubtest.Review{{Author: "mona", State: "APPROVED", SHA: head}},
	}); err != nil {
		log.Fatal(err)
	}
	client := githubstatus.New(githubstatus.Token(githubtest.Token), func(o *githubstatus.Options) {
		o.BaseURL = server.URL()
	})

	commit := githubstatus.Commit{Owner: "octo", Repo: "hello", SHA: merge}
	pulls, err := client.PullRequests(ctx, commit)
	if err != nil {
		log.Fatal(err)
	}
	for _, pull := range pulls {
		if pull.MergeSHA != commit.SHA {
			continue // it only contains the commit
		}
		reviews, err := client.Reviews(ctx, commit, pull.Number)
		if err != nil {
			log.Fatal(err)
		}
		for _, review := range reviews {
			if review.SHA == pull.HeadSHA {
				fmt.Println(pull.Number, pull.Title, review.Author, review.State)
			}
		}
	}
	// Output:
	// 7 Fix the release mona APPROVED
}
