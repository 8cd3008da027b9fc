package definition_test

import (
	"testing"

	"github.com/codesuite-go/codesuite/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m, "codesuite/pipeline/definition") }
