// Launches a run on a cluster, follows it, and plots its loss: dotnet run [-- IMAGE], with the cluster's address in LCNN_CLUSTER.
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;

var cluster = ClusterAddress.Parse(Environment.GetEnvironmentVariable("LCNN_CLUSTER") ?? "localhost");
await using var client = await LcnnClient.ConnectAsync(cluster);
var run = await client.StartAsync(Recipes.Default("digits") with { Epochs = 3, CurvatureSamples = 0 });
Console.WriteLine($"run {run.Id}");

var steps = new List<double>();
var losses = new List<double>();
await foreach (var runEvent in run.WatchAsync())
{
    switch (runEvent)
    {
        case StepCompleted step:
            steps.Add(step.Step);
            losses.Add(step.Loss);
            break;
        case EpochCompleted epoch:
            Console.WriteLine($"epoch {epoch.Epoch}: loss {epoch.TrainLoss:0.000}, test accuracy {epoch.TestAccuracy:P1}");
            break;
        case RunCompleted completed:
            Console.WriteLine($"weightsSha256 {completed.WeightsSha256}");
            break;
        case RunFailed failed:
            Console.Error.WriteLine(failed.Error);
            return 1;
    }
}

var plot = new ScottPlot.Plot();
plot.Add.Scatter(steps, losses);
plot.Title(run.Id);
plot.XLabel("step");
plot.YLabel("loss");
Console.WriteLine($"plot {plot.SavePng(args.FirstOrDefault() ?? "loss.png", 800, 500).Path}");
return 0;
