using Lcnn.Distributed.EndToEndTests;

[assembly: AssemblyFixture(typeof(FinishedRun))]
