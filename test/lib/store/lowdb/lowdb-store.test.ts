import { describeStore } from "../store-contract";
import { StoreFolder } from "./store-folder";

describeStore("lowdb store", () => StoreFolder.make());
