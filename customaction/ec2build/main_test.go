package ec2build_test

import (
	"testing"

	"github.com/codesuite-go/codesuite/internal/ec2test"
	"github.com/codesuite-go/codesuite/internal/leaktest"
)

func TestMain(m *testing.M) {
	ec2test.Aws()
	leaktest.Main(m, "customaction/ec2build")
}
