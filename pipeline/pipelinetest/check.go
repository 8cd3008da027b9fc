package pipelinetest

import "time"

// check is a condition that is, or was, looked at for a stage of an execution.
// Server.mu guards it.
type check struct {
	kind      conditionKind
	condition *Condition
	status    string // InProgress, Succeeded, Failed, Cancelled, Abandoned or Overridden
	changed   time.Time
	rules     []*ruleRun
}

func (c *check) end(e *execution, status string) {
	for _, r := range c.rules {
		r.abandon()
	}
	c.status, c.changed = status, e.touch()
	e.check = nil
}

// look starts to look at the condition of the kind, and reports whether there is
// one.
func (e *execution) look(kind conditionKind) bool {
	condition := e.definition.Stages[e.position].condition(kind)
	if condition == nil {
		return false
	}
	c := &check{kind: kind, condition: condition, status: "InProgress", changed: e.touch()}
	for i := range condition.Rules {
		c.rules = append(c.rules, e.newRuleRun(&condition.Rules[i]))
	}
	e.check, e.stage().checks[kind] = c, c
	e.wake()
	return true
}

// moveCheck ends a rule that needs nobody, and the check after the last.
func (e *execution) moveCheck(c *check) bool {
	running, failed := false, false
	for _, r := range c.rules {
		if !r.ended() {
			if o, ok := r.unattended(); ok {
				r.finish(o)
				return true
			}
			running = true
		}
		failed = failed || r.status == "Failed"
	}
	switch {
	case running:
		return false
	case e.stopping():
		c.end(e, "Abandoned")
		e.leave("Stopped")
	case failed:
		c.end(e, "Failed")
		e.decide(c, false)
	default:
		c.end(e, "Succeeded")
		e.decide(c, true)
	}
	return true
}

// decide goes on as the condition says, whose rules have all succeeded or not.
func (e *execution) decide(c *check, succeeded bool) {
	switch {
	case c.kind == beforeEntry && succeeded: // The actions start with the next step.
	case c.kind == onSuccess && succeeded:
		e.leave("Succeeded")
	case c.kind == onFailure && !succeeded:
		e.leave("Failed")
	default:
		e.apply(c.condition.Result)
	}
}

// apply does what a condition or OnFailure asks for.
func (e *execution) apply(result string) {
	switch s := e.stage(); {
	case result == "SKIP":
		e.leave("Skipped")
	case result == "RETRY" && s.automatic == 0:
		s.automatic++
		e.attempt++
		e.restart("AutomatedStageRetry", e.definition.Stages[e.position].OnFailure.RetryMode == "ALL_ACTIONS")
		e.emitStage(e.position, "RESUMED")
	case result == "ROLLBACK":
		i := e.position
		e.leave("Failed")
		e.pipeline.rollBack(e, i)
	default:
		e.leave("Failed")
	}
}

// rollBack starts the rollback of a stage in which the execution has failed, to
// the newest other execution that has succeeded in it. There may be none, and a
// rollback that fails is not rolled back.
func (p *pipelineRecord) rollBack(failed *execution, i int) {
	if failed.rollbackTarget != "" {
		return
	}
	for n := len(p.executions) - 1; n >= 0; n-- {
		target := p.executions[n]
		if target != failed && target.definition == p.definition && target.rollbackTarget == "" && target.stages[i].status == "Succeeded" {
			p.add(newRollback(target, Trigger{Type: "AutomatedRollback", Detail: failed.id}), i, i)
			return
		}
	}
}
