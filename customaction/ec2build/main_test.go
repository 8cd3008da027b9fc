package ec2build_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/codesuite-go/codesuite/customaction/ec2build"
	"github.com/codesuite-go/codesuite/internal/leaktest"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(ec2build.FakeAWS); url != "" {
		if err := ec2build.RunFakeAWS(url, os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	leaktest.Main(m, "customaction/ec2build")
}
