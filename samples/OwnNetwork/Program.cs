// A silo with a data set, a network and an operation of its own.
//   dotnet run             trains on it, in this process
//   dotnet run -- serve    waits for runs from outside, such as: lcnn train --cluster localhost --dataset shapes --arch mine
//   dotnet run -- check    holds the operation's derivatives to difference quotients
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Model.Own;
using Lcnn.Distributed.Silo;
using Lcnn.Distributed.Silo.Clustering;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OwnNetwork;

if (args is ["check"])
{
    OperationCheck.Verify(new Gate(), SampleShape.Image(3, 5, 5));
    Console.WriteLine("the passes of 'gate' are right");
    return;
}

var isServing = args is ["serve"];
var ports = FreePorts.Find(2); // who trains in this process alone needs no known ones
var builder = Host.CreateApplicationBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.AddLcnnSilo("localhost", silo =>
    {
        silo.Slots = 2;
        if (!isServing)
        {
            (silo.SiloPort, silo.PrimaryPort, silo.GatewayPort) = (ports[0], ports[0], ports[1]);
        }
    })
    .AddDataSet("shapes", Shapes.Draw)
    .AddOperation(new Gate())
    .AddNetwork("mine", network => network.Parameter("width", 8)
        .Conv("width").Add("gate", ("start", 0.5)).MaxPool().Residual("2*width").MaxPool().Flatten().Classes());
using var host = builder.Build();
if (isServing)
{
    await host.RunAsync();
    return;
}

await host.StartAsync();
var spec = Recipes.Default("shapes", "mine") with { Epochs = 3, OutputDirectory = Path.Combine(Environment.CurrentDirectory, "own-network") };
var run = await host.Services.GetRequiredService<IRunLauncher>().StartAsync(spec);
await foreach (var happened in run.WatchAsync())
{
    var line = happened switch
    {
        RunStarted started => $"{started.TrainSamples} shapes, {started.ParameterCount} numbers to learn, loss {started.Spec.Loss}",
        EpochCompleted epoch => $"epoch {epoch.Epoch}: test accuracy {epoch.TestAccuracy:P1}",
        RunCompleted completed => $"accuracy {completed.TestAccuracy:P1}, mean curvature {completed.Curvature:0.00}, weights {completed.WeightsSha256}",
        RunFailed failed => failed.Error,
        _ => null,
    };
    if (line is not null)
    {
        Console.WriteLine(line);
    }
}

await host.StopAsync();
